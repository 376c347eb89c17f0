/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Listens to the rack's events, and shows the newest of them in words.
 *
 * Of rack_words.js: number, watts. Of rack.js, which is loaded later and starts all this by calling listen:
 * $, make and drawLink of the page; OWN_WORDS, headers, refusal and Refused of the API; and want, since an
 * event says that there is something new to ask for.
 */
'use strict';

const EVENTS_SHOWN = 100;

let listening = null; /* the AbortController of the events */
let lastEvent = null; /* its number */

const WATTS = new Set(['watts', 'budget', 'accounted', 'limit', 'excess']);

function eventWord(name, value) {
	if (name === 'record' && value?.text) /* of a node's log */
		return `${value.sensor ?? 'log'}: ${value.text}`;
	if (name === 'on' && typeof value === 'boolean')
		return value ? 'on' : 'off';
	if (number(value) && WATTS.has(name))
		return `${name} ${watts(value)}`;
	if (number(value))
		return `${name} ${Number(value.toFixed(2))}${name === 'seconds' ? ' s' : ''}`;
	if (Array.isArray(value))
		return `${name} ${value.join(', ') || 'nothing'}`;
	return `${name} ${value !== null && typeof value === 'object' ? JSON.stringify(value) : value}`;
}

function eventWords(type, data) {
	if (type === 'events.lost')
		return 'some are missing here';
	const {time, node, fan, zone, sensor, why, ...rest} = data;
	const about = [node, zone, fan, sensor].filter((each) => each !== undefined).join(', ');
	const words = Object.entries(rest).map(([name, value]) => eventWord(name, value));

	if (why)
		words.unshift(why);
	return [about, words.join(', ')].filter(Boolean).join(': ');
}

function addEvent(type, text) {
	const list = $('events');
	const item = make('li');
	let data = {};

	try {
		data = JSON.parse(text);
	} catch { /* shown by its type alone */ }
	const when = new Date(data.time ?? Date.now());
	const time = make('time', '', item);
	time.textContent = Number.isNaN(when.getTime()) ? '' : when.toLocaleTimeString('en-GB');
	if (time.textContent)
		time.dateTime = when.toISOString();
	make('span', 'kind', item).textContent = type;
	make('span', 'words', item).textContent = eventWords(type, data ?? {});
	list.prepend(item);
	while (list.children.length > EVENTS_SHOWN)
		list.lastChild.remove();
	$('no-events').hidden = true;
}

/* One block of a stream (WHATWG HTML, 9.2.6), without its empty line. */
function hearBlock(block) {
	const data = [];
	let type = 'message';

	for (const line of block.split('\n')) {
		const [, field, value] = /^([^:]*):? ?(.*)$/s.exec(line);

		if (field === 'id')
			lastEvent = value;
		else if (field === 'event')
			type = value;
		else if (field === 'data')
			data.push(value);
	}
	if (!data.length)
		return;
	addEvent(type, data.join('\n'));
	want('rack');
}

async function hear(control) {
	const response = await fetch(`api/v1/events${lastEvent === null ? '?since=0' : ''}`, {
		...OWN_WORDS,
		headers: headers({Accept: 'text/event-stream', ...lastEvent !== null && {'Last-Event-ID': lastEvent}}),
		signal: control.signal,
	});
	const text = new TextDecoder();
	let rest = '';

	if (!response.ok)
		throw await refusal(response);
	control.heard = true;
	drawLink();
	for await (const chunk of chunks(response.body)) {
		rest = (rest + text.decode(chunk, {stream: true})).replaceAll('\r\n', '\n');
		const blocks = rest.split('\n\n');
		rest = blocks.pop();
		blocks.forEach(hearBlock);
	}
}

/* Not every browser takes a stream for an iterable. */
async function* chunks(stream) {
	const reader = stream.getReader();

	for (let part = await reader.read(); !part.done; part = await reader.read())
		yield part.value;
}

function stopListening() {
	listening?.abort();
	listening = null;
}

/* Listens for good, and comes back ever later while nobody answers. */
async function listen() {
	const control = new AbortController();
	let wait = 1000;

	stopListening();
	listening = control;
	while (!control.signal.aborted) {
		try {
			await hear(control);
			wait = 1000;
		} catch (error) {
			if (error instanceof Refused)
				break; /* asking says so too, and asks for a token */
			wait = control.heard ? 1000 : Math.min(2 * wait, 30000);
		}
		control.heard = false;
		await new Promise((done) => setTimeout(done, wait));
	}
}
