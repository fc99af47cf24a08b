// Drives the running product with the official SDK, as the product page's samples do, and prints what it saw as JSON.
// Usage: node customers.mjs BASE_URL KEY
import { RevKeen } from '@revkeen/sdk';

const [baseUrl, apiKey] = process.argv.slice(2);
const client = new RevKeen({ apiKey, baseUrl });
const seen = {};

const created = await client.customers.create({
  email: 'john@example.com',
  name: 'John Smith',
  phone: '+1-555-123-4567',
  currency: 'USD',
  address: {
    line1: '123 Main St',
    line2: 'Suite 100',
    city: 'San Francisco',
    state: 'CA',
    postalCode: '94102',
    country: 'US',
  },
  taxId: 'US123456789',
  metadata: { salesRep: 'jane@company.com', tier: 'enterprise' },
});
seen.created = created.data;

for (let number = 1; number <= 24; number++) {
  await client.customers.create({ email: `person${number}@example.com`, companyName: `Company ${number}` });
}

seen.got = (await client.customers.get(created.data.id)).data;
seen.page = await client.customers.list({ limit: 20, page: 1 });
seen.byEmail = (await client.customers.list({ email: 'JOHN@example.com' })).data.map((each) => each.id);

seen.paged = [];
for (let offset = 0; ; ) {
  const page = await client.customers.list({ limit: 10, offset });
  seen.paged.push(...page.data.map((each) => each.email));
  offset += page.data.length;
  if (page.data.length === 0 || offset >= page.pagination.total) break;
}

const deadline = Date.now() + 15_000;
do {
  seen.found = (await client.customers.list({ search: 'smi' })).data.map((each) => each.id);
} while (seen.found.length === 0 && Date.now() < deadline);

seen.updated = (
  await client.customers.update(created.data.id, {
    name: 'John Smith',
    metadata: { plan: 'pro', upgraded_at: new Date().toISOString() },
  })
).data;

const failure = async (call) => {
  try {
    await call();
    return null;
  } catch (error) {
    return { name: error.constructor.name, status: error.status ?? error.statusCode, message: error.message };
  }
};
seen.duplicate = await failure(() => client.customers.create({ email: 'John@Example.com' }));
seen.missing = await failure(() => client.customers.get('cus_00000000000000000000000000000000'));
seen.invalid = await failure(() => client.customers.create({ email: 'nonsense' }));
const stranger = new RevKeen({ apiKey: 'rk_live_nobody', baseUrl });
seen.stranger = await failure(() => stranger.customers.list());

// The product page has customers.delete; the SDK's generated client has not, so its own HTTP call stands in.
const deleted = await fetch(`${baseUrl}/customers/${created.data.id}`, { method: 'DELETE', headers: { 'x-api-key': apiKey } });
seen.deleted = await deleted.json();
seen.afterDeletion = (await client.customers.get(created.data.id)).data;

const wanted = ['customer.deleted', 'customer.updated', 'customer.created'];
do {
  const events = await client.events.list({ customer_id: created.data.id });
  seen.events = events.data.map((event) => event.type);
} while (seen.events.length < wanted.length && Date.now() < deadline + 15_000);
seen.event = (await client.events.list({ customer_id: created.data.id, type: 'customer.updated' })).data[0];
seen.sameEvent = await client.events.get(seen.event.id);

console.log(JSON.stringify(seen));
