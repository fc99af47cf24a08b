// Drives subscriptions and invoices with the official SDK, and prints what it saw as JSON.
// Usage: node billing.mjs BASE_URL KEY
import { RevKeen } from '@revkeen/sdk';

const [baseUrl, apiKey] = process.argv.slice(2);
const client = new RevKeen({ apiKey, baseUrl });
const seen = {};

const customer = (await client.customers.create({ email: 'john@example.com', currency: 'USD' })).data.id;

// The SDK's subscriptions name a price of the catalogue; here the price is said, in a field that its types don't have.
const subscribe = async (fields) =>
  (await client.subscriptions.create({ customerId: customer, amountMinor: 4900, billingInterval: 'month', ...fields })).data;
const inTenDays = new Date(Date.now() + 10 * 24 * 60 * 60 * 1000).toISOString();
const subscription = await subscribe({ trialEnd: inTenDays, quantity: 2, metadata: { plan: 'pro' } });
const other = await subscribe({ trialEnd: inTenDays });
seen.subscribed = subscription;
seen.subscription = (await client.subscriptions.get(subscription.id)).data;
seen.subscriptions = (await client.subscriptions.list({ customerId: customer, status: 'trialing' })).data.map((each) => each.id);
seen.wantedSubscriptions = [other.id, subscription.id];
seen.changed = (await client.subscriptions.update(subscription.id, { quantity: 3 })).data;
seen.toEnd = (await client.subscriptions.cancel(subscription.id, { mode: 'period_end' })).data;
seen.ended = (await client.subscriptions.cancel(other.id, { mode: 'immediately', reason: 'dear' })).data;

const draft = (await client.invoices.create({ customer_uuid: customer, total_minor: 1500, currency: 'USD' })).data;
seen.draft = draft;
seen.invoice = (await client.invoices.get(draft.id)).data;
seen.finalized = (await client.invoices.finalize(draft.id, {})).data;
seen.invoices = (await client.invoices.list({ customerId: customer, limit: 10 })).data.map((each) => each.id);
seen.voided = (await client.invoices.void(draft.id, { reason: 'mistaken' })).data;

const token = { customer_id: customer, type: 'card', token: 'tok_visa' };
const method = await (await fetch(`${baseUrl}/payment-methods`, {
  method: 'POST', headers: { 'x-api-key': apiKey, 'content-type': 'application/json' }, body: JSON.stringify(token),
})).json();
const intend = (fields) => client.paymentIntents.create({ customer, amount: 4900, currency: 'USD', ...fields });
seen.method = method.id;
seen.intended = await intend({ payment_method: method.id, description: 'Shoes' });
seen.confirmed = await client.paymentIntents.confirm(seen.intended.id);
const held = await client.paymentIntents.confirm((await intend({ capture_method: 'manual' })).id, {});
seen.held = held;
seen.captured = await client.paymentIntents.capture(held.id, { amount_to_capture: 4500 });
const abandoned = await intend({});
seen.canceled = await client.paymentIntents.cancel(abandoned.id, { cancellation_reason: 'abandoned' });
seen.intents = (await client.paymentIntents.list({ customer })).data.map((each) => each.id);
seen.wantedIntents = [abandoned.id, held.id, seen.intended.id];

const failure = async (call) => {
  try {
    await call();
    return null;
  } catch (error) {
    return { status: error.status ?? error.statusCode, message: error.message };
  }
};
seen.again = await failure(() => client.subscriptions.cancel(other.id, { mode: 'immediately' }));
seen.missing = await failure(() => client.invoices.get('inv_00000000000000000000000000000000'));

seen.paidTwice = await failure(() => client.paymentIntents.confirm(seen.intended.id));

console.log(JSON.stringify(seen));
