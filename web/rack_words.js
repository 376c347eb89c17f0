/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How the page says what the API answers: numbers with their units, and words for states, accounts and
 * reasons. Nothing but values in and text out: it uses nothing of the other files.
 */
'use strict';

const number = (value) => typeof value === 'number' && Number.isFinite(value);
const known = (value) => number(value) && value >= 0;
const round = (value) => Math.round(value).toLocaleString('en').replaceAll(',', '\u202f');
const watts = (value) => known(value) ? `${round(value)} W` : '–';
const degrees = (value) => number(value) ? `${value.toFixed(1)} °C` : '–';

function duration(ms) {
	const s = Math.floor(ms / 1000);

	if (s < 100)
		return `${s} s`;
	if (s < 6000)
		return `${Math.floor(s / 60)} min`;
	return s < 48 * 3600 ? `${Math.floor(s / 3600)} h` : `${Math.floor(s / 86400)} d`;
}

/* A shape and a word for each state: never the colour alone. */
const STATES = {
	up: ['●', 'up', 'good'],
	commands: ['●', 'commands', ''],
	connecting: ['◌', 'connecting', 'warn'],
	lost: ['▲', 'lost', 'bad'],
	refused: ['✕', 'refused', 'bad'],
	absent: ['○', 'absent', 'quiet'],
};

const ACCOUNTS = {
	off: 'nothing: it is off',
	limit: 'its cap',
	settling: 'its former cap, until it keeps to this one',
	starting: 'what it draws at most while it starts',
	unlimited: 'its most: it has no cap yet',
	lost: 'its worst: it does not answer',
	disobedient: 'its worst: it draws more than its cap',
	none: 'not managed: it has no floor and ceiling',
};

const REASONS = {
	start: 'starts: not all temperatures were heard yet',
	demand: 'cools',
	least: 'runs at its least',
	stale: 'failsafe: says nothing',
	broken: 'failsafe: cannot be read',
	range: 'failsafe: says what cannot be',
	recovers: 'failsafe: good again, watched for a while',
	critical: 'too hot',
	fan: 'a fan stands still',
	manual: 'set by hand',
};
