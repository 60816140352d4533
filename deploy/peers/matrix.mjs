// A person's Matrix client for the tests: node matrix.mjs HOMESERVER NAME PASSWORD ROOM EVENT.
// It signs in, is told of the invitation by a reading, joins, sets a sign on the
// event, answers in its thread, sends a message twice under one transaction id,
// removes the sign, and prints what its own readings told it: one line of JSON.
import { createClient, RoomEvent } from 'matrix-js-sdk';
import { logger } from 'matrix-js-sdk/lib/logger.js';

for (const level of ['trace', 'debug', 'info', 'warn', 'log']) logger[level] = () => {};

const [baseUrl, name, password, room, event] = process.argv.slice(2);
const anonymous = createClient({ baseUrl });
const { user_id: userId, access_token: accessToken, device_id: deviceId } = await anonymous.loginRequest({
  type: 'm.login.password', identifier: { type: 'm.id.user', user: name }, password,
});
const client = createClient({ baseUrl, userId, accessToken, deviceId });
const seen = { user: (await client.whoami()).user_id, invited: false, signs: [], replies: [], removed: [] };
const heard = (check) => new Promise((resolve, reject) => {
  const late = setTimeout(() => reject(new Error('nothing came within 20 seconds')), 20000);
  const look = () => { if (check()) { clearTimeout(late); resolve(); } else setTimeout(look, 20); };
  look();
});

client.on(RoomEvent.MyMembership, (r, is) => { seen.invited ||= r.roomId === room && is === 'invite'; });
client.on(RoomEvent.Timeline, (e) => {
  const to = e.getWireContent()['m.relates_to'] ?? {};
  if (e.getType() === 'm.reaction' && to.event_id === event) seen.signs.push(to.key);
  if (to.rel_type === 'm.thread' && to.event_id === event) seen.replies.push(e.getContent().body);
});
client.on(RoomEvent.Redaction, (e) => seen.removed.push(e.event.redacts ?? e.getContent().redacts));
await client.startClient({ initialSyncLimit: 20 });
await heard(() => seen.invited);
await client.joinRoom(room);
await heard(() => client.getRoom(room)?.getMyMembership() === 'join');
const sign = await client.sendEvent(room, 'm.reaction', { 'm.relates_to': { rel_type: 'm.annotation', event_id: event, key: '👍🏽' } });
const reply = { msgtype: 'm.text', body: 'Count me in.', 'm.relates_to': { rel_type: 'm.thread', event_id: event, is_falling_back: true, 'm.in_reply_to': { event_id: event } } };
await client.sendEvent(room, 'm.room.message', reply);
// Below the library's room, which refuses a transaction id that it knows.
const put = () => client.http.authedRequest('PUT', `/rooms/${encodeURIComponent(room)}/send/m.room.message/txn-1`, undefined, { msgtype: 'm.text', body: 'once' });
const once = await put(), twice = await put();
seen.idempotent = once.event_id === twice.event_id;
await heard(() => seen.signs.length > 0 && seen.replies.length > 1);
await client.redactEvent(room, sign.event_id);
await heard(() => seen.removed.includes(sign.event_id));
seen.sign = sign.event_id;
const { events } = await client.relations(room, event, 'm.thread', 'm.room.message');
seen.thread = events.length;
client.stopClient();
console.log(JSON.stringify(seen));
process.exit(0);
