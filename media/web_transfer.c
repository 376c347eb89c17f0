/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "media/web_transfer.h"
#include <string.h>

#define REDIRECTS 5L
#define BUFFER    (64L * 1024)

static size_t web_transfer_header(char *line, size_t one, size_t size, void *data)
{
	struct web_transfer *transfer = data;

	(void)one;
	transfer->heard = g_get_monotonic_time();
	web_answer_line(&transfer->answer, line, size);
	return size;
}

static bool web_transfer_judge(struct web_transfer *transfer)
{
	if (!transfer->judged) {
		transfer->judged = true;
		transfer->verdict = web_answer_judge(&transfer->answer, transfer->first,
				transfer->size, transfer->wanted, &transfer->reason);
	}
	return transfer->verdict == WEB_GOOD;
}

/* What must not be taken ends the transfer: a wrong answer may be as long as the file. */
static size_t web_transfer_body(char *bytes, size_t one, size_t size, void *data)
{
	struct web_transfer *transfer = data;

	(void)one;
	transfer->heard = g_get_monotonic_time();
	if (!web_transfer_judge(transfer))
		return size + 1;
	if (size > transfer->size - transfer->got) {
		transfer->verdict = WEB_WRONG;
		transfer->reason = g_strdup("the server sends more bytes than asked for");
		return size + 1;
	}
	memcpy(transfer->bytes + transfer->got, bytes, size);
	transfer->got += size;
	return size;
}

static void web_transfer_protocols(CURL *easy, bool secure)
{
#if LIBCURL_VERSION_NUM >= 0x075500
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, secure ? "https" : "http,https");
#else
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS, CURLPROTO_HTTP | CURLPROTO_HTTPS);
	curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS,
			CURLPROTO_HTTPS | (secure ? 0L : (long)CURLPROTO_HTTP));
#endif
}

/* The library itself keeps credentials from the hosts that a redirect leads to. */
static void web_transfer_credentials(CURL *easy, const struct web_access *access)
{
	if (access->token) {
		curl_easy_setopt(easy, CURLOPT_HTTPAUTH, CURLAUTH_BEARER);
		curl_easy_setopt(easy, CURLOPT_XOAUTH2_BEARER, access->token);
	} else if (access->user) {
		curl_easy_setopt(easy, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
		curl_easy_setopt(easy, CURLOPT_USERNAME, access->user);
		curl_easy_setopt(easy, CURLOPT_PASSWORD, access->password ? access->password : "");
	}
}

bool web_transfer_prepare(struct web_transfer *transfer, const struct web_access *access,
		const char *place, bool trusted, bool multiplex)
{
	CURL *easy = transfer->easy;

	if (easy)
		curl_easy_reset(easy); /* keeps its TLS sessions */
	else
		easy = transfer->easy = curl_easy_init();
	if (!easy)
		return false;
	transfer->fault[0] = '\0';
	curl_easy_setopt(easy, CURLOPT_URL, place ? place : access->url);
	web_transfer_protocols(easy, access->secure);
	curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 1L);
	curl_easy_setopt(easy, CURLOPT_MAXREDIRS, REDIRECTS);
	if (trusted)
		web_transfer_credentials(easy, access);
	if (access->ca_file)
		curl_easy_setopt(easy, CURLOPT_CAINFO, access->ca_file);
	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, access->insecure ? 0L : 1L);
	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, access->insecure ? 0L : 2L);
	curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
	curl_easy_setopt(easy, CURLOPT_PIPEWAIT, multiplex ? 1L : 0L);
	curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	curl_easy_setopt(easy, CURLOPT_USERAGENT, PACKAGE_NAME "/" PACKAGE_VERSION);
	curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, BUFFER);
	curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
#if LIBCURL_VERSION_NUM >= 0x075700
	/* Else removing a transfer waits for the resolver. */
	curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
#endif
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer->fault);
	curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, web_transfer_header);
	curl_easy_setopt(easy, CURLOPT_HEADERDATA, transfer);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, web_transfer_body);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
	return true;
}

void web_transfer_ask(struct web_transfer *transfer, uint64_t first, size_t size, uint8_t *bytes,
		const struct web_identity *wanted)
{
	char range[64];

	g_snprintf(range, sizeof(range), "%" G_GUINT64_FORMAT "-%" G_GUINT64_FORMAT, first,
			first + size - 1);
	curl_easy_setopt(transfer->easy, CURLOPT_RANGE, range);
	g_clear_pointer(&transfer->reason, g_free);
	memset(&transfer->answer, 0, sizeof(transfer->answer));
	transfer->judged = false;
	transfer->first = first;
	transfer->size = size;
	transfer->got = 0;
	transfer->bytes = bytes;
	transfer->wanted = wanted;
	transfer->heard = g_get_monotonic_time();
}

static enum web_verdict web_transfer_fault(
		const struct web_transfer *transfer, CURLcode code, char **reason)
{
	const char *detail = *transfer->fault ? transfer->fault : curl_easy_strerror(code);

	switch (code) {
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_RESOLVE_PROXY:
		*reason = g_strdup("the server's name cannot be resolved");
		return WEB_AGAIN;
	case CURLE_COULDNT_CONNECT:
		*reason = g_strdup("the server does not take connections");
		return WEB_AGAIN;
	case CURLE_PARTIAL_FILE:
	case CURLE_RECV_ERROR:
	case CURLE_SEND_ERROR:
	case CURLE_GOT_NOTHING:
		*reason = g_strdup("the server closed the connection");
		return WEB_AGAIN;
	case CURLE_PEER_FAILED_VERIFICATION:
		*reason = g_strdup_printf("the server's certificate is not valid (%s)", detail);
		return WEB_FINAL;
	case CURLE_SSL_CACERT_BADFILE:
		*reason = g_strdup_printf(
				"the file of CA certificates cannot be used (%s)", detail);
		return WEB_FINAL;
	case CURLE_TOO_MANY_REDIRECTS:
		*reason = g_strdup("the server redirects too many times");
		return WEB_FINAL;
	case CURLE_URL_MALFORMAT:
		*reason = g_strdup("the server redirects to an address that is none");
		return WEB_FINAL;
	case CURLE_UNSUPPORTED_PROTOCOL:
		*reason = g_strdup(transfer->answer.status
						   ? "the server redirects away from http, or from "
						     "https to http"
						   : "the server's answer is not HTTP");
		return transfer->answer.status ? WEB_FINAL : WEB_WRONG;
	default:
		*reason = g_strdup_printf("the connection failed (%s)", detail);
		return WEB_AGAIN;
	}
}

enum web_verdict web_transfer_end(struct web_transfer *transfer, CURLcode code, char **reason)
{
	*reason = NULL;
	if (code != CURLE_OK && code != CURLE_WRITE_ERROR)
		return web_transfer_fault(transfer, code, reason);
	if (web_transfer_judge(transfer) && transfer->got < transfer->size) {
		transfer->verdict = WEB_WRONG;
		transfer->reason = g_strdup("the server sends fewer bytes than it says");
	}
	*reason = g_steal_pointer(&transfer->reason);
	return transfer->verdict;
}

void web_transfer_destroy(struct web_transfer *transfer)
{
	curl_easy_cleanup(transfer->easy);
	g_free(transfer->reason);
	memset(transfer, 0, sizeof(*transfer));
}
