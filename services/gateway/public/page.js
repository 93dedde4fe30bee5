// One page without a build: it reads the lists over HTTP and reads them again when an event says that they changed.
import { cents, dollars, lag, shares, time } from './format.js';

const REFRESH_LEAST_MS = 1_000;
const STATUS_EVERY_MS = 5_000;
const ATTEMPTS_SHOWN = 30;
const LEADERS_SHOWN = 500;

const $ = (selector) => document.querySelector(selector);

/** An element with text, never markup: what leaders and markets are called comes from outside. */
function element(name, { text = '', className = '', ...more } = {}, ...children) {
  const made = document.createElement(name);
  if (text !== '') made.textContent = text;
  if (className !== '') made.className = className;
  Object.assign(made, more);
  made.append(...children);
  return made;
}

class Refused extends Error {
  constructor(status, problem) {
    super(problem.detail ?? `The gateway answered ${status}.`);
    this.status = status;
  }
}

async function ask(path, method = 'GET', body = undefined) {
  const reply = await fetch(path, {
    method,
    headers: body === undefined ? {} : { 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (reply.ok) return reply.status === 204 ? null : reply.json();
  const refused = new Refused(reply.status, await reply.json().catch(() => ({})));
  if (refused.status === 401 && path.startsWith('/api')) showSignIn();
  throw refused;
}

const rows = (table, made, columns, empty) =>
  $(`${table} tbody`).replaceChildren(
    ...(made.length > 0
      ? made
      : [element('tr', {}, element('td', { text: empty, colSpan: columns, className: 'quiet' }))]),
  );
const cell = (text, className = '') => element('td', { text, className });

const sentences = new Map();
let older = null;

function attemptRow(item) {
  const copied = item.decision === 'EXECUTE';
  const reasons = [...item.reasons, ...(item.orderReason === null ? [] : [item.orderReason])];
  return element(
    'tr',
    {},
    cell(time(item.times.decidedAt), 'time'),
    cell(item.tradingMode.toLowerCase()),
    cell(item.leaderLabel ?? item.leader),
    element(
      'td',
      {},
      item.market ?? `token ${item.tokenId.slice(0, 10)}…`,
      element('span', { text: item.outcome ?? '', className: 'reasons' }),
    ),
    cell(item.side),
    element(
      'td',
      {},
      element('span', {
        text: copied ? (item.orderStatus ?? 'copying') : 'skipped',
        className: `badge ${copied ? 'good' : 'quiet'}`,
      }),
      ...reasons.map((code) => element('span', { text: sentences.get(code) ?? code, className: 'reasons' })),
    ),
    cell(item.targetNotionalMicros === null ? '–' : dollars(item.targetNotionalMicros), 'number'),
    cell(item.filledNotionalMicros === '0' ? '–' : dollars(item.filledNotionalMicros), 'number'),
    cell(cents(item.slippageMicros), 'number'),
    cell(lag(item.copyLagMs), 'number'),
  );
}

function attemptsPath(after) {
  const asked = new URLSearchParams({ limit: String(ATTEMPTS_SHOWN) });
  for (const [name, value] of new FormData($('#filters'))) if (value !== '') asked.set(name, value);
  if (after !== null) asked.set('after', after);
  return `/api/copy-attempts?${asked}`;
}

async function readAttempts() {
  const { items, next } = await ask(attemptsPath(null));
  rows('#attempts', items.map(attemptRow), 10, 'No attempts yet: they appear as soon as a leader trades.');
  showOlder(next);
}

function showOlder(next) {
  older = next;
  $('#more').hidden = next === null;
}

async function readOlder() {
  const { items, next } = await ask(attemptsPath(older));
  $('#attempts tbody').append(...items.map(attemptRow));
  showOlder(next);
}

function showFigures(list, portfolio) {
  const figures = [
    ['Equity', dollars(portfolio.equityMicros)],
    ['Cash', dollars(portfolio.cashMicros)],
    ['Exposure', dollars(portfolio.exposureMicros)],
    ['Realised', dollars(portfolio.realizedPnlMicros)],
    ['Unrealised', dollars(portfolio.unrealizedPnlMicros)],
    ['Fees', dollars(portfolio.feesMicros)],
    [
      'Positions',
      `${portfolio.openPositions}${portfolio.unpricedPositions > 0 ? `, ${portfolio.unpricedPositions} unpriced` : ''}`,
    ],
  ];
  $(list).replaceChildren(
    ...figures.map(([name, value]) =>
      element('div', {}, element('dt', { text: name }), element('dd', { text: value })),
    ),
  );
}

async function readLiveAccount() {
  const portfolio = await ask('/api/portfolio?tradingMode=LIVE');
  $('#live-account').hidden = portfolio.cashMicros === null;
  if (portfolio.cashMicros !== null) showFigures('#live-figures', portfolio);
}

async function readPortfolio() {
  const portfolio = await ask('/api/portfolio?tradingMode=PAPER');
  showFigures('#figures', portfolio);
  const positionRow = (position) =>
    element(
      'tr',
      {},
      element(
        'td',
        {},
        position.market ?? `token ${position.tokenId.slice(0, 10)}…`,
        element('span', { text: position.outcome ?? '', className: 'reasons' }),
      ),
      cell(position.leaderLabel ?? position.leader ?? 'nobody’s'),
      cell(shares(position.sharesMicros), 'number'),
      cell(dollars(position.costMicros), 'number'),
      cell(position.markMicros === null ? 'unpriced' : cents(position.markMicros), 'number'),
      cell(position.valueMicros === null ? '–' : dollars(position.valueMicros), 'number'),
      cell(position.unrealizedPnlMicros === null ? '–' : dollars(position.unrealizedPnlMicros), 'number'),
    );
  rows('#positions', portfolio.positions.map(positionRow), 7, 'Nothing is held.');
  await readLiveAccount();
}

/** What each state of live trading means, where it may go from there, and what a person is asked before. */
const LIVE = {
  OFF: {
    says: 'Nothing is planned and nothing is sent.',
    next: ['SHADOW'],
  },
  SHADOW: {
    says: 'Every order is planned to the last digit, and none is sent.',
    next: ['OFF', 'ON'],
  },
  ON: {
    says: 'Orders are placed with the wallet’s money.',
    next: ['OFF', 'SHADOW'],
    asks: 'Place real orders with the wallet’s money from now on?',
  },
};

function liveButton(state) {
  const button = element('button', { type: 'button', text: state === 'OFF' ? 'Stop' : `To ${state}` });
  button.addEventListener('click', () => {
    if (LIVE[state].asks !== undefined && !window.confirm(LIVE[state].asks)) return;
    void change(
      '#live-problem',
      () => ask('/api/switches', 'PUT', { liveTradingState: state }),
      readSwitches,
    );
  });
  return button;
}

function showLive(state) {
  const badge = $('#live-state');
  if (badge.dataset.state === state) return;
  badge.dataset.state = state;
  badge.textContent = state.toLowerCase();
  badge.className = `badge ${state === 'ON' ? 'good' : ''}`;
  $('#live-says').textContent = LIVE[state].says;
  $('#live-switches').replaceChildren(...LIVE[state].next.map(liveButton));
}

async function readSwitches() {
  const { copyEngineEnabled, liveTradingState } = await ask('/api/switches');
  $('#paper-state').textContent = copyEngineEnabled ? 'on' : 'off';
  $('#paper-state').className = `badge ${copyEngineEnabled ? 'good' : 'bad'}`;
  showLive(liveTradingState);
  const button = $('#paper-switch');
  button.textContent = copyEngineEnabled ? 'Stop paper trading' : 'Start paper trading';
  button.dataset.next = String(!copyEngineEnabled);
  button.disabled = false;
}

function leaderRow(leader) {
  const button = element('button', {
    type: 'button',
    text: leader.enabled ? 'Switch off' : 'Switch on',
    ariaLabel: `${leader.enabled ? 'Switch off' : 'Switch on'} ${leader.label}`,
  });
  button.addEventListener('click', () =>
    change(
      '#leader-problem',
      () => ask(`/api/leaders/${encodeURIComponent(leader.id)}`, 'PATCH', { enabled: !leader.enabled }),
      readLeaders,
    ),
  );
  return element(
    'tr',
    {},
    cell(leader.label),
    element('td', {}, ...leader.wallets.map((wallet) => element('code', { text: `${wallet} ` }))),
    cell(time(leader.followedAt), 'time'),
    element(
      'td',
      {},
      element('span', {
        text: leader.enabled ? 'on ' : 'off ',
        className: leader.enabled ? 'good' : 'quiet',
      }),
      button,
    ),
  );
}

async function readLeaders() {
  const { items } = await ask(`/api/leaders?limit=${LEADERS_SHOWN}`);
  rows('#leaders', items.map(leaderRow), 4, 'Nobody is followed yet: give a wallet above.');
  const select = $('#filters [name=leader]');
  const chosen = select.value;
  select.replaceChildren(
    element('option', { value: '', text: 'all' }),
    ...items.map((leader) => element('option', { value: leader.id, text: leader.label })),
  );
  select.value = chosen;
}

async function readStatus() {
  const { services, bus, database } = await ask('/api/status');
  const row = (name, state, says, good) =>
    element(
      'tr',
      {},
      cell(name),
      element('td', {}, element('span', { text: state, className: `badge ${good}` })),
      cell(says),
    );
  rows(
    '#services',
    [
      ...services.map((entry) =>
        entry.kind === 'gone'
          ? row(entry.service, 'gone', 'It has not been heard of for a while.', 'bad')
          : row(
              entry.service,
              entry.status.state,
              entry.status.detail,
              entry.status.state === 'ready' ? 'good' : entry.status.state === 'off' ? 'quiet' : 'bad',
            ),
      ),
      row('message bus', bus.ok ? 'ready' : 'away', bus.detail, bus.ok ? 'good' : 'bad'),
      row('database', database.ok ? 'ready' : 'away', database.detail, database.ok ? 'good' : 'bad'),
    ],
    3,
    '',
  );
}

async function readReasons() {
  const { items } = await ask('/api/reasons');
  for (const { code, sentence } of items) sentences.set(code, sentence);
  $('#filters [name=reason]').append(
    ...items.map(({ code, sentence }) => element('option', { value: code, text: code, title: sentence })),
  );
}

/** Does a change, shows why it was refused, and reads what it changed. */
async function change(problem, act, read) {
  $(problem).textContent = '';
  try {
    await act();
  } catch (error) {
    $(problem).textContent = error.message;
  }
  await read();
}

/** Runs `read` at once, and not again before a while has passed; what is asked meanwhile runs once, then. */
function gently(read) {
  let waiting = false;
  let last = 0;
  return () => {
    if (waiting) return;
    waiting = true;
    setTimeout(
      async () => {
        waiting = false;
        last = Date.now();
        await read().catch(() => undefined);
      },
      Math.max(0, last + REFRESH_LEAST_MS - Date.now()),
    );
  };
}

let events = null;
function listen() {
  const attempts = gently(() => (window.scrollY < 400 ? readAttempts() : Promise.resolve()));
  const portfolio = gently(readPortfolio);
  const status = gently(readStatus);
  events = new EventSource('/api/events');
  events.addEventListener('hello', () => {
    $('#connection').textContent = 'live';
    attempts();
    portfolio();
  });
  for (const name of ['attempt', 'order']) events.addEventListener(name, attempts);
  for (const name of ['portfolio', 'snapshot']) events.addEventListener(name, portfolio);
  for (const name of ['status', 'dead-letter']) events.addEventListener(name, status);
  events.addEventListener('error', () => {
    $('#connection').textContent = 'connection lost, trying again …';
  });
}

function showSignIn() {
  events?.close();
  events = null;
  $('#page').hidden = true;
  $('#sign-out').hidden = true;
  $('#sign-in').hidden = false;
  $('#connection').textContent = 'not signed in';
  $('#token').focus();
}

async function showPage() {
  await readReasons();
  $('#sign-in').hidden = true;
  $('#page').hidden = false;
  $('#sign-out').hidden = false;
  await Promise.all([readAttempts(), readPortfolio(), readSwitches(), readLeaders(), readStatus()]);
  listen();
}

$('#sign-in-form').addEventListener('submit', async (event) => {
  event.preventDefault();
  try {
    await ask('/sign-in', 'POST', { token: $('#token').value });
    $('#token').value = '';
    await showPage();
  } catch (error) {
    $('#sign-in-problem').textContent = error.message;
  }
});
$('#sign-out').addEventListener('click', async () => {
  await ask('/sign-out', 'POST').catch(() => undefined);
  showSignIn();
});
$('#paper-switch').addEventListener(
  'click',
  (event) =>
    void change(
      '#switch-problem',
      () => ask('/api/switches', 'PUT', { copyEngineEnabled: event.currentTarget.dataset.next === 'true' }),
      readSwitches,
    ),
);
$('#follow').addEventListener('submit', (event) => {
  event.preventDefault();
  const form = event.currentTarget;
  const { wallet, label } = Object.fromEntries(new FormData(form));
  void change(
    '#leader-problem',
    async () => {
      await ask('/api/leaders', 'POST', {
        wallets: [wallet.trim()],
        ...(label.trim() === '' ? {} : { label: label.trim() }),
      });
      form.reset();
    },
    readLeaders,
  );
});
$('#filters').addEventListener('change', readAttempts);
$('#filters').addEventListener('submit', (event) => event.preventDefault());
$('#more').addEventListener('click', readOlder);
setInterval(() => events !== null && readStatus().catch(() => undefined), STATUS_EVERY_MS);
setInterval(() => events !== null && readSwitches().catch(() => undefined), STATUS_EVERY_MS);

showPage().catch(() => undefined);
