// npm smpp as a bank that binds to a server, and as an SMSC that links bind to. Prints a JSON object a line.
//
// npm_smpp.js esme|smsc PORT SYSTEM_ID PASSWORD SCENARIO
//
// Its own encodings are not asked for: texts go as octets with a data_coding, so that the octets are known.
'use strict';

const smpp = require('smpp');

const CUSTOMER = '38349123456';
const SHORT_CODE = '50005';
const UDHI = 0x40;
const RECEIPT = 0x04;
const LONG = '5\n\n' + 'Me respekt, klienti juaj i vjeter nga Peja. '.repeat(5);
// Whoever waits longer than this waits in vain.
const PATIENCE = 45_000;

const tell = (event, fields = {}) => console.log(JSON.stringify({ event, ...fields }));
const fail = (why) => { tell('failed', { why }); process.exit(1); };

function ucs2(text) {
  return Buffer.from(text, 'utf16le').swap16();
}

function parts(text, size) {
  const pieces = [];
  for (let at = 0; at < text.length; at += size) pieces.push(text.slice(at, at + size));
  return pieces.map((piece, index) => ({
    esm_class: UDHI,
    short_message: Buffer.concat([Buffer.from([6, 8, 4, 7, 77, pieces.length, index + 1]), Buffer.from(piece)]),
  }));
}

const CONTENT = {
  ucs2: [{ data_coding: 8, short_message: ucs2('10 евра') }],
  long: parts(LONG, 150),
  'by turns': parts(LONG, 150),
  sar: parts(LONG, 150).map(({ short_message }, index, all) => ({
    short_message: short_message.subarray(7),
    sar_msg_ref_num: 7,
    sar_total_segments: all.length,
    sar_segment_seqnum: index + 1,
  })),
  payload: [{ short_message: Buffer.alloc(0), message_payload: Buffer.from(LONG) }],
  receipt: [{ registered_delivery: 1, short_message: Buffer.from('10') }],
  // A type of number that there is not, and then a text that is in order.
  odd: [{ source_addr_ton: 99, short_message: Buffer.from('10') }, { short_message: Buffer.from('10') }],
  borne: [{ source_addr_ton: 99, short_message: Buffer.from('10') }],
};

const messages = (scenario) => (CONTENT[scenario] || [{ short_message: Buffer.from('10') }]).map((fields) => ({
  source_addr: CUSTOMER, source_addr_ton: 1, source_addr_npi: 1, destination_addr: SHORT_CODE, data_coding: 0, ...fields,
}));

const text = (pdu) => {
  const message = pdu.short_message.message;
  return Buffer.isBuffer(message) ? message.toString('latin1') : message;
};
const fields = (pdu) => ({ from: pdu.source_addr, to: pdu.destination_addr, text: text(pdu), esm_class: pdu.esm_class });

// The answer to one request.
const asked = (session, command, options) => new Promise((resolve) => {
  if (!session[command](options, resolve)) fail(`${command} could not be sent`);
});

// Answers to all messages, sent at once or each after the answer to the one before.
async function allOf(scenario, session, command) {
  if (scenario !== 'by turns') return Promise.all(messages(scenario).map((sms) => asked(session, command, sms)));
  const answers = [];
  for (const sms of messages(scenario)) answers.push(await asked(session, command, sms));
  return answers;
}

function connected(port) {
  return new Promise((resolve) => {
    const session = smpp.connect({ host: '127.0.0.1', port: Number(port) }, () => resolve(session));
    session.on('error', (error) => fail(String(error)));
    session.on('enquire_link', (pdu) => session.send(pdu.response()));
  });
}

async function bound(port, system_id, password, kind) {
  const session = await connected(port);
  const answer = await asked(session, `bind_${kind}`, { system_id, password });
  if (answer.command_status !== 0) {
    tell('bind_refused', { status: answer.command_status });
    session.close();
    return null;
  }
  tell('bound', { type: kind });
  return session;
}

async function esme(port, system_id, password, scenario) {
  const submitting = await bound(port, system_id, password, scenario === 'pair' ? 'transmitter' : 'transceiver');
  if (!submitting) return;
  const receiving = scenario === 'pair' ? await bound(port, system_id, password, 'receiver') : submitting;
  const expected = scenario === 'receipt' ? 2 : 1;
  const delivered = new Promise((resolve) => {
    let seen = 0;
    receiving.on('deliver_sm', (pdu) => {
      tell('deliver_sm', fields(pdu));
      receiving.send(pdu.response());
      seen += 1;
      if (seen === expected) resolve();
    });
  });
  for (const answer of await allOf(scenario, submitting, 'submit_sm')) {
    tell('submit_sm_resp', { status: answer.command_status, message_id: answer.message_id });
  }
  await delivered;
  for (const session of new Set([submitting, receiving])) {
    const alive = await asked(session, 'enquire_link', {});
    tell('enquire_link_resp', { status: alive.command_status });
    await asked(session, 'unbind', {});
    tell('unbound');
    session.close();
  }
}

function smsc(port, system_id, password, scenario) {
  const state = { sessions: new Set(), delivered: false, strangers: 0, throttled: false, left: false };
  const server = smpp.createServer((session) => serve(session, state, { system_id, password, scenario }));
  server.listen(Number(port), '127.0.0.1', () => tell('listening'));
}

function serve(session, state, known) {
  session.on('error', () => session.destroy());
  session.on('close', () => { state.sessions.delete(session); tell('closed'); });
  session.on('enquire_link', (pdu) => session.send(pdu.response()));
  session.on('unbind', (pdu) => { tell('unbind'); session.send(pdu.response()); session.close(); });
  for (const kind of ['transmitter', 'receiver', 'transceiver']) {
    session.on(`bind_${kind}`, (pdu) => bind(session, pdu, kind, state, known));
  }
  session.on('submit_sm', (pdu) => submitted(session, pdu, state, known.scenario));
}

async function bind(session, pdu, kind, state, { system_id, password, scenario }) {
  const stranger = pdu.system_id !== system_id || pdu.password !== password;
  if (stranger || (scenario === 'stranger' && state.strangers === 0)) {
    state.strangers += 1;
    tell('bind_refused', { type: kind });
    session.send(pdu.response({ command_status: smpp.ESME_RBINDFAIL }));
    session.close();
    return;
  }
  session.receives = kind !== 'transmitter';
  state.sessions.add(session);
  tell('bound', { type: kind });
  session.send(pdu.response());
  if (!session.receives || state.delivered) return;
  state.delivered = true;
  if (scenario === 'wrong way') {
    const answer = await asked(session, 'submit_sm', messages(scenario)[0]);
    tell('wrong_way_resp', { status: answer.command_status });
  }
  for (const answer of await allOf(scenario, session, 'deliver_sm')) tell('deliver_sm_resp', { status: answer.command_status });
  const alive = await asked(session, 'enquire_link', {});
  tell('enquire_link_resp', { status: alive.command_status });
}

async function submitted(session, pdu, state, scenario) {
  if (scenario === 'throttle' && !state.throttled) {
    state.throttled = true;
    tell('throttled', fields(pdu));
    session.send(pdu.response({ command_status: smpp.ESME_RTHROTTLED }));
    return;
  }
  tell('submit_sm', { registered_delivery: pdu.registered_delivery, ...fields(pdu) });
  const receiver = [...state.sessions].find((one) => one.receives);
  // The receipt overtakes the answer, and has the identifier in other letters and without the zeros.
  if (scenario === 'receipt') receipt(receiver);
  session.send(pdu.response({ message_id: '00ABCDEF' }));
  if (scenario === 'leave' && !state.left) {
    state.left = true;
    const answer = await asked(receiver, 'unbind', {});
    tell('unbind_resp', { status: answer.command_status });
    receiver.close();
  }
}

async function receipt(receiver) {
  const words = 'id:abcdef sub:001 dlvrd:001 submit date:2611221200 done date:2611221200 stat:DELIVRD err:000 text:';
  const answer = await asked(receiver, 'deliver_sm', {
    source_addr: CUSTOMER, source_addr_ton: 1, source_addr_npi: 1, destination_addr: SHORT_CODE, data_coding: 0,
    esm_class: RECEIPT, short_message: Buffer.from(words), receipted_message_id: 'abcdef', message_state: 2,
  });
  tell('receipt_resp', { status: answer.command_status });
}

const [role, ...rest] = process.argv.slice(2);
if (role === 'esme') {
  setTimeout(() => fail('waited in vain'), PATIENCE).unref();
  esme(...rest).catch((error) => fail(String(error)));
} else {
  smsc(...rest);
}
