/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <stdbool.h>
#include "spice/tls.h"

GQuark tls_error_quark(void)
{
	return g_quark_from_static_string("tls-error-quark");
}

/* The library's newest complaint. */
static const char *tls_why(void)
{
	const char *words = ERR_reason_error_string(ERR_peek_last_error());

	return words ? words : "OpenSSL does not say why";
}

/* The library's words for a file that is missing or private help nobody. */
static bool tls_readable(const char *what, const char *path, GError **error)
{
	g_autoptr(GError) cause = NULL;
	g_autofree char *content = NULL;
	size_t size;

	if (!g_file_get_contents(path, &content, &size, &cause)) {
		g_set_error(error, TLS_ERROR, TLS_ERROR_READ, "cannot read the TLS %s: %s", what,
				cause->message);
		return false;
	}
	OPENSSL_cleanse(content, size); /* of a key nothing stays behind */
	return true;
}

/* A daemon has nobody to ask for a passphrase; data notes that one was wanted. */
static int tls_no_passphrase(char *buffer, int size, int writing, void *data)
{
	*(bool *)data = true;
	return -1;
}

static bool tls_load(SSL_CTX *context, const char *certificate, const char *key, GError **error)
{
	bool passphrase = false;

	if (!tls_readable("certificate", certificate, error) || !tls_readable("key", key, error))
		return false;
	if (SSL_CTX_use_certificate_chain_file(context, certificate) != 1) {
		g_set_error(error, TLS_ERROR, TLS_ERROR_FORMAT,
				"no certificate that can be used (PEM) is in %s: %s", certificate,
				tls_why());
		return false;
	}
	SSL_CTX_set_default_passwd_cb(context, tls_no_passphrase);
	SSL_CTX_set_default_passwd_cb_userdata(context, &passphrase);
	if (SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) != 1) {
		bool other = ERR_GET_REASON(ERR_peek_last_error()) == X509_R_KEY_VALUES_MISMATCH;

		if (passphrase)
			g_set_error(error, TLS_ERROR, TLS_ERROR_FORMAT,
					"the TLS key %s is locked by a passphrase; store it "
					"without one",
					key);
		else if (other)
			g_set_error(error, TLS_ERROR, TLS_ERROR_PAIR,
					"the TLS key %s does not belong to the certificate %s", key,
					certificate);
		else
			g_set_error(error, TLS_ERROR, TLS_ERROR_FORMAT,
					"no private key (PEM) is in %s: %s", key, tls_why());
		return false;
	}
	SSL_CTX_set_default_passwd_cb_userdata(context, NULL);
	if (SSL_CTX_check_private_key(context) != 1) {
		g_set_error(error, TLS_ERROR, TLS_ERROR_PAIR,
				"the TLS key %s does not belong to the certificate %s", key,
				certificate);
		return false;
	}
	return true;
}

struct ssl_ctx_st *tls_context_new(const char *certificate, const char *key, GError **error)
{
	SSL_CTX *context;

	ERR_clear_error();
	context = SSL_CTX_new(TLS_server_method());
	if (!context || SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) != 1) {
		g_set_error(error, TLS_ERROR, TLS_ERROR_FAILED, "TLS cannot be used: %s",
				tls_why());
		tls_context_free(context);
		return NULL;
	}
	/* A client may ask for new keys again and again at no cost of its own. A client that puts
	 * ChaCha20 first has no AES in hardware, as most BMCs do not. */
	SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
						     SSL_OP_CIPHER_SERVER_PREFERENCE |
						     SSL_OP_PRIORITIZE_CHACHA);
	/* A write may end after any record, and from another address than it began at; an idle
	 * connection keeps no buffers. */
	SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE |
						  SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
						  SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
	if (!tls_load(context, certificate, key, error)) {
		ERR_clear_error();
		tls_context_free(context);
		return NULL;
	}
	return context;
}

void tls_context_free(struct ssl_ctx_st *context)
{
	SSL_CTX_free(context);
}

/* --- What clients are told of it --- */

/* Commas and backslashes within a value have a backslash before them. */
static void tls_name_part(GString *text, const X509_NAME_ENTRY *entry)
{
	uint8_t *value = NULL;
	int size = ASN1_STRING_to_UTF8(&value, X509_NAME_ENTRY_get_data(entry));

	g_string_append_printf(text, "%s%s=", text->len ? "," : "",
			OBJ_nid2sn(OBJ_obj2nid(X509_NAME_ENTRY_get_object(entry))));
	for (int i = 0; i < size; i++) {
		if (value[i] == ',' || value[i] == '\\')
			g_string_append_c(text, '\\');
		g_string_append_c(text, (char)value[i]);
	}
	OPENSSL_free(value);
}

static char *tls_name(const X509_NAME *name)
{
	GString *text = g_string_new(NULL);

	for (int i = 0; i < X509_NAME_entry_count(name); i++)
		tls_name_part(text, X509_NAME_get_entry(name, i));
	return g_string_free(text, FALSE);
}

static char *tls_pem(X509 *certificate)
{
	BIO *memory = BIO_new(BIO_s_mem());
	char *bytes, *text = NULL;
	long size;

	if (memory && PEM_write_bio_X509(memory, certificate)) {
		size = BIO_get_mem_data(memory, &bytes);
		text = g_strndup(bytes, (gsize)size);
	}
	BIO_free(memory);
	return text;
}

char *tls_self_signed(const char *path, char **subject)
{
	BIO *file = BIO_new_file(path, "r");
	X509 *certificate = file ? PEM_read_bio_X509(file, NULL, tls_no_passphrase, &(bool){false})
				 : NULL;
	char *text = NULL;

	*subject = NULL;
	if (certificate && X509_NAME_cmp(X509_get_subject_name(certificate),
					   X509_get_issuer_name(certificate)) == 0)
		text = tls_pem(certificate);
	if (text)
		*subject = tls_name(X509_get_subject_name(certificate));
	X509_free(certificate);
	BIO_free(file);
	ERR_clear_error();
	return text;
}
