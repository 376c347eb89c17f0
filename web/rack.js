/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Draws the rack: asks the API every two seconds. What comes from BMCs and boards is shown as text and
 * nothing else. No element is replaced while it only changes its words, so that focus, selection and
 * scrolling stay where they are.
 *
 * Loaded last. Of rack_words.js: all. Of rack_events.js: listen, stopListening, and listening, which it
 * only reads.
 */
'use strict';

const TICK = 2000;       /* ms: one request in that time, and no more */
const PATIENCE = 10000;  /* ms for an answer */
const OLD = 7000;        /* ms without an answer until all that is shown counts as old */
const WATTS_OLD = 10000; /* ms: nodes are asked every second or two */
const TOKEN = 'spicerack-token';

const $ = (id) => document.getElementById(id);

/* What was answered last, as {answer, at}, at by performance.now(): ages go on from there. */
const seen = {};
let answered = 0; /* at, of whatever was last */
let turn = 0;
let wanted = null; /* of PATHS: an event says that it has changed */
const order = {key: 'name', down: false};
let failure = null; /* in words; null: the last request was answered */
let asking = false;

/* --- The API --- */

/* The page asks who is there itself: without this the browser would, with a window of its own. */
const OWN_WORDS = {cache: 'no-store', credentials: 'omit'};

class Refused extends Error {}

function headers(more) {
	const token = sessionStorage.getItem(TOKEN);

	return token ? {...more, Authorization: `Bearer ${token}`} : {...more};
}

async function refusal(response) {
	let text = `${response.status} ${response.statusText}`;

	try {
		text = (await response.json()).error.message || text;
	} catch { /* it has no better words */ }
	return response.status === 401 || response.status === 403 ? new Refused(text) : new Error(text);
}

async function ask(path) {
	const response = await fetch(path, {
		...OWN_WORDS,
		headers: headers({Accept: 'application/json'}),
		signal: AbortSignal.timeout(PATIENCE),
	});

	if (!response.ok)
		throw await refusal(response);
	return response.json();
}

/* --- What the answers mean: the only place that knows their members --- */

/* Most requests are for the whole; what changes less often takes its turns. */
const PATHS = {rack: 'api/v1/rack', board: 'api/v1/storage/SELF/*'};
const TURNS = ['rack', 'rack', 'board'];

function nextPath() {
	const first = Object.keys(PATHS).find((what) => !seen[what]);
	const what = first || wanted || TURNS[turn++ % TURNS.length];

	if (what === wanted)
		wanted = null;
	return what;
}

/* It is the next to be asked for. */
function want(what) {
	wanted = what;
}

function readNode(node, passed) {
	const age = known(node.watts_age_ms) ? node.watts_age_ms + passed : undefined;

	return {
		name: String(node.name),
		state: node.state,
		why: node.why,
		power: node.power,
		watts: node.watts ?? undefined,
		cap: node.cap ?? undefined,
		accounted: node.accounted ?? undefined,
		waiting: node.waiting,
		operator: node.operator ?? undefined,
		account: node.account ?? 'none',
		hottest: node.temperature?.value,
		hottestName: node.temperature?.sensor,
		age,
		stale: known(age) && (age > WATTS_OLD || node.state === 'lost'),
	};
}

/* The board's own temperatures, by their keys. */
function readAir(board, passed) {
	return Object.entries(board.data).filter(([, reading]) => reading?.unit === 'degrees C')
		.map(([key, reading]) => {
			const old = known(reading.age_ms) ? ` for ${duration(reading.age_ms + passed)}` : '';

			return {
				name: key.replace(/^SELF\//, ''),
				text: reading.state === 'ok' ? degrees(reading.value)
					: `${degrees(reading.value)} ${reading.state}${old}`,
				stale: reading.state !== 'ok',
			};
		});
}

function readAll(now) {
	const {rack, board} = seen;
	const {budget} = rack.answer;

	return {
		title: rack.answer.name || 'Rack',
		power: {
			budget: budget.watts,
			mode: budget.mode,
			unmanaged: budget.unmanaged,
			accounted: budget.nodes_accounted,
			measured: budget.measured,
			floors: budget.floors,
			short: budget.short,
			over: budget.over_seconds,
			worst: budget.worst_over,
			waiting: budget.waiting,
		},
		nodes: rack.answer.nodes.map((node) => readNode(node, now - rack.at)),
		zones: rack.answer.zones,
		air: board ? readAir(board.answer, now - board.at) : [],
	};
}

/* --- Drawing --- */

function write(element, text, style) {
	if (element.textContent !== text)
		element.textContent = text;
	if (style !== undefined && element.className !== style)
		element.className = style;
}

function make(tag, style, parent) {
	const element = document.createElement(tag);

	if (style)
		element.className = style;
	parent?.append(element);
	return element;
}

/* As many children as there are things, in their order: those of the same key stay the same. */
function reconcile(parent, things, key, create, update) {
	const old = new Map([...parent.children].map((child) => [child.dataset.of, child]));

	things.forEach((thing, index) => {
		const name = String(key(thing));
		let child = old.get(name);

		if (!child) {
			child = create(thing);
			child.dataset.of = name;
		}
		old.delete(name);
		if (parent.children[index] !== child)
			parent.insertBefore(child, parent.children[index] || null);
		update(child, thing);
	});
	old.forEach((child) => child.remove());
}

function drawFigures(list, figures) {
	reconcile(list, figures, (figure) => figure[0], () => {
		const pair = make('div');

		make('dt', '', pair);
		make('dd', '', pair);
		return pair;
	}, (pair, [name, text, swatch, style]) => {
		write(pair.firstChild, name, swatch ? `key ${swatch}` : '');
		write(pair.lastChild, text, style || '');
	});
}

function drawPower(power) {
	const {budget, unmanaged = 0, accounted = 0} = power;
	const measured = Math.max(power.measured ?? 0, 0);
	const reserved = Math.max(accounted - measured, 0);
	const drawn = unmanaged + measured;
	const full = Math.max(budget || 0, unmanaged + accounted, drawn) * 1.05 || 1;
	const share = (value) => `${100 * value / full}%`;
	const [a, b, c] = $('bar').children;
	const trouble = [];

	a.style.width = share(unmanaged);
	b.style.width = share(measured);
	c.style.width = share(reserved);
	$('budget-mark').style.left = share(budget || 0);
	$('budget-mark').classList.toggle('left', (budget || 0) < full / 2);
	$('budget-mark').hidden = !(budget > 0);
	write($('budget-label'), `budget ${watts(budget)}`);
	$('bar').setAttribute('aria-label', `Nodes draw ${watts(measured)} and are counted as ${watts(accounted)}, ` +
		`beside ${watts(unmanaged)} that is not managed, of a budget of ${watts(budget)}.`);

	const room = budget - unmanaged - accounted;
	drawFigures($('power'), [
		['Measured', watts(power.measured), 'measured'],
		['Counted', watts(accounted), 'reserved'],
		['Not managed', watts(unmanaged), 'unmanaged'],
		['Budget', budget > 0 ? watts(budget) : 'none'],
		['To give', budget > 0 ? `${room < 0 ? '−' : ''}${watts(Math.abs(room))}` : '–', '', room < 0 ? 'bad' : ''],
		['Mode', power.mode || '–'],
		...known(power.waiting) && power.waiting ? [['Wait for watts', `${power.waiting} to be switched on`]] : [],
		...power.over > 0
			? [['Above budget, so far', `${Math.round(power.over)} s, at worst by ${watts(power.worst)}`]] : [],
	]);
	if (budget > 0 && drawn > budget)
		trouble.push(`▲ The rack draws ${watts(drawn - budget)} more than its budget.`);
	const lacking = !(budget > 0) ? 0 : (power.floors ?? 0) + unmanaged - budget;
	if (lacking > 0)
		trouble.push(`▲ Even with every node at its floor the rack needs ${watts(lacking)} more than its budget.`);
	else if (budget > 0 && power.short)
		trouble.push(`▲ What nodes may draw is ${watts(-room)} above the budget, until they keep to lower caps.`);
	if (budget > 0 && power.mode === 'off')
		trouble.push('▲ Nothing is capped: the mode is off.');
	$('power-trouble').hidden = !trouble.length;
	write($('power-trouble'), trouble.join(' '));
}

function drawZone(box, zone) {
	const about = zone.about ? ` (${zone.about})` : '';
	const text = (REASONS[zone.reason] || zone.reason || '') + about;

	const gauge = box.querySelector('.gauge');
	const duty = known(zone.duty) ? Math.min(zone.duty, 100) : 0;

	box.className = zone.failsafe ? 'zone failsafe' : 'zone';
	write(box.querySelector('.zone-name'), zone.name);
	write(box.querySelector('.duty'), known(zone.duty) ? `${Math.round(zone.duty)} %` : '–');
	gauge.firstChild.style.width = `${duty}%`;
	gauge.setAttribute('aria-valuenow', duty);
	gauge.setAttribute('aria-label', `duty of ${zone.name}, percent`);
	write(box.querySelector('p'), (zone.failsafe ? '▲ ' : '') + text);
	reconcile(box.querySelector('ul'), zone.fans, (fan) => fan.name, () => {
		const item = make('li');

		make('span', '', item);
		make('span', '', item);
		return item;
	}, (item, fan) => {
		const bad = fan.failed || fan.fault;

		item.className = bad ? 'failed' : '';
		write(item.firstChild, bad ? `✕ ${fan.name}` : fan.name);
		write(item.lastChild, fan.fault || (fan.failed ? 'stands still'
			: known(fan.rpm) ? `${round(fan.rpm)} rpm` : 'speed not known'));
	});
}

function drawAir(zones, air) {
	reconcile($('zones'), zones, (zone) => zone.name, () => {
		const box = make('div', 'zone');
		const title = make('h3', '', box);

		make('span', 'zone-name', title);
		make('span', 'duty', title);
		make('span', '', make('span', 'gauge', box)).parentElement.setAttribute('role', 'meter');
		make('p', '', box);
		make('ul', 'fans', box);
		return box;
	}, drawZone);
	drawFigures($('air'), air.map((each) => [each.name, each.text, '', each.stale ? 'stale' : '']));
}

const COLUMNS = [
	['name', 'Node'], ['state', 'State'], ['power', 'Power'], ['watts', 'Watts'], ['cap', 'Cap'],
	['account', 'Counted as'], ['hottest', 'Hottest'], ['age', 'Age'],
];
const NUMBERS = new Set(['watts', 'cap', 'hottest', 'age']);

function makeRow() {
	const row = make('tr');

	row.setAttribute('role', 'row');
	for (const [key, label] of COLUMNS) {
		const cell = make('td', '', row);

		cell.setAttribute('role', key === 'name' ? 'rowheader' : 'cell');
		cell.dataset.label = label;
	}
	return row;
}

function accountWords(node) {
	const words = [];

	if (known(node.accounted) && node.account !== 'off')
		words.push(watts(node.accounted));
	if (node.account === 'limit' && node.accounted !== node.cap)
		words.push('its former cap: the new one is on its way');
	else if (node.account)
		words.push(ACCOUNTS[node.account] || node.account);
	if (known(node.operator))
		words.push(`by hand: ${watts(node.operator)} at most`);
	if (node.waiting)
		words.push('waits for watts to be switched on');
	return words.join(', ');
}

function drawRow(row, node) {
	const [shape, word, style] = STATES[node.state] || ['?', node.state || 'not known', 'warn'];
	const stale = node.stale ? 'stale' : '';
	const texts = {
		name: [node.name],
		state: [`${shape} ${word}${node.why ? `: ${node.why}` : ''}`, style],
		power: [node.power === 'on' ? '● on' : node.power === 'off' ? '○ off' : '–', node.power === 'on' ? '' : 'quiet'],
		watts: [watts(node.watts), stale || (node.account === 'disobedient' ? 'bad' : '')],
		cap: [watts(node.cap), ''],
		account: [accountWords(node), node.account === 'disobedient' || node.account === 'lost' ? 'bad' : 'quiet'],
		hottest: [number(node.hottest) ? degrees(node.hottest) : '–', node.hottestStale ? 'stale' : ''],
		age: [known(node.age) ? (node.stale ? `old, ${duration(node.age)}` : duration(node.age)) : '–', stale],
	};

	COLUMNS.forEach(([key], i) => {
		const [text, style] = texts[key];
		const kind = NUMBERS.has(key) ? `${key} number` : key;

		write(row.children[i], text, `${kind} ${style || ''}${text ? '' : ' empty'}`.trim());
	});
	row.children[3].style.setProperty('--share', known(node.watts) && node.cap > 0 && !node.stale
		? `${Math.min(100 * node.watts / node.cap, 100)}%` : '0');
	row.children[6].title = node.hottestName || '';
}

function trouble(node) {
	return node.state === 'lost' || node.state === 'refused' || node.stale ||
		node.account === 'disobedient' || node.account === 'lost';
}

function compare(a, b) {
	const [x, y] = [a[order.key], b[order.key]];
	const missing = (value) => value === undefined || value === null || value === -1;
	let by = 0;

	if (missing(x) || missing(y))
		return missing(x) - missing(y); /* what is not known comes last either way */
	by = number(x) && number(y) ? x - y : String(x).localeCompare(String(y), 'en', {numeric: true});
	return (order.down ? -by : by) || a.name.localeCompare(b.name, 'en', {numeric: true});
}

function drawNodes(all, zones) {
	const filter = $('filter').value;
	const nodes = all.filter((node) => filter === 'all' ||
		(filter === 'trouble' ? trouble(node) : node.power === 'on')).sort(compare);
	const bad = all.filter(trouble).length;

	reconcile($('nodes').tBodies[0], nodes, (node) => node.name, makeRow, drawRow);
	$('no-nodes').hidden = nodes.length > 0;
	write($('no-nodes'), all.length ? 'None of them.' : 'The configuration has none.');
	const safe = zones.filter((zone) => zone.failsafe).map((zone) => zone.name);
	write($('summary'), `${all.length} nodes, ${all.filter((node) => node.power === 'on').length} on` +
		(bad ? `, ▲ ${bad} with trouble` : '') + (safe.length ? `, ▲ fans of ${safe.join(', ')} run to be safe` : ''));
	document.querySelectorAll('th').forEach((head) => {
		if (head.dataset.key === order.key)
			head.setAttribute('aria-sort', order.down ? 'descending' : 'ascending');
		else
			head.removeAttribute('aria-sort');
	});
}

function drawLink() {
	const age = performance.now() - answered;
	const old = seen.rack && age > OLD;

	$('rack').classList.toggle('old', Boolean(old));
	write($('silence'), old ? duration(age) : ''); /* apart: the status is read out as it changes */
	if (old)
		write($('link'), `▲ No answer: this is old${failure ? ` (${failure})` : ''}`, 'lost');
	else if (!seen.rack && failure)
		write($('link'), `▲ ${failure}`, 'lost');
	else if (seen.rack)
		write($('link'), listening?.heard ? '● Live' : '○ Live, but events do not come', '');
}

function draw() {
	if (seen.rack) {
		const rack = readAll(performance.now());

		write($('title'), rack.title);
		document.title = rack.title;
		drawPower(rack.power);
		drawAir(rack.zones, rack.air);
		drawNodes(rack.nodes, rack.zones);
		$('rack').hidden = false;
	}
	drawLink();
}

/* --- Asking --- */

function needToken(why) {
	Object.keys(PATHS).forEach((what) => delete seen[what]);
	failure = null;
	stopListening();
	$('rack').hidden = true;
	$('login').hidden = false;
	$('forget').hidden = true;
	write($('link'), '');
	write($('summary'), '');
	write($('login-why'), sessionStorage.getItem(TOKEN) ? `That token is not good: ${why}`
		: 'The rack shows its state to those who have a token.');
	sessionStorage.removeItem(TOKEN);
	$('token').focus();
}

async function look() {
	if (asking || !$('login').hidden || document.visibilityState === 'hidden')
		return;
	asking = true;
	try {
		do {
			const what = nextPath();
			const answer = await ask(PATHS[what]);

			answered = performance.now();
			seen[what] = {answer, at: answered};
		} while (Object.keys(PATHS).some((what) => !seen[what])); /* to begin with, all of it */
		failure = null;
		$('forget').hidden = !sessionStorage.getItem(TOKEN);
		if (!listening)
			listen();
	} catch (error) {
		if (error instanceof Refused)
			needToken(error.message);
		else
			failure = error.name === 'TimeoutError' ? 'it takes too long' : error.message;
	}
	asking = false;
	draw();
}

$('login').addEventListener('submit', (event) => {
	event.preventDefault();
	sessionStorage.setItem(TOKEN, $('token').value.trim());
	$('token').value = '';
	$('login').hidden = true;
	look();
});
$('forget').addEventListener('click', () => {
	sessionStorage.removeItem(TOKEN);
	needToken('');
});
$('filter').addEventListener('change', draw);
document.querySelectorAll('th button').forEach((button) => button.addEventListener('click', () => {
	const {key} = button.parentElement.dataset;

	order.down = order.key === key ? !order.down : NUMBERS.has(key);
	order.key = key;
	draw();
}));
document.addEventListener('visibilitychange', look);
setInterval(look, TICK);
setInterval(draw, 1000);
look();
