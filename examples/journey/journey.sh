#!/usr/bin/env bash
# A customer's life in one script of curl calls: first card, trial, renewals, a decline, dunning, recovery, a pause, a
# refund, deletion; and every step as an event. Runs against `make run`; a test clock lets half a year pass in seconds.
#
#   examples/journey/journey.sh                    # the seeded sandbox key
#   API=https://…/v2 KEY=rk_sandbox_… examples/journey/journey.sh
set -euo pipefail

API=${API:-http://127.0.0.1:3000/v2}
KEY=${KEY:-rk_sandbox_demo}
EMAIL="journey.$(date +%s).$$@example.com"

# call METHOD PATH [BODY]: prints the answer, and stops the script if it is no success
call() {
  local answer status
  answer=$(curl -sS -w '\n%{http_code}' -X "$1" "$API$2" -H "x-api-key: $KEY" -H 'content-type: application/json' ${3:+-d "$3"})
  status=${answer##*$'\n'}
  answer=${answer%$'\n'*}
  if [ "${status:0:1}" != 2 ]; then
    echo "$1 $2 answered $status: $answer" >&2
    return 1
  fi
  printf '%s' "$answer"
}

# field PATH: reads JSON and prints what stands at a dotted path
field() { python3 -c '
import json, sys
value = json.load(sys.stdin)
for name in sys.argv[1].split("."):
    value = value[int(name)] if isinstance(value, list) else value[name]
print(value)' "$1"; }

# until WANTED COMMAND...: waits for what follows from a write
until_says() {
  local wanted=$1 seen=""
  shift
  for _ in $(seq 100); do
    seen=$("$@")
    if [ "$seen" = "$wanted" ]; then return 0; fi
    sleep 0.1
  done
  echo "waited for '$wanted', last seen '$seen'" >&2
  return 1
}

pass_time() {
  local clock status=advancing
  while [ "$status" = advancing ]; do
    clock=$(call POST /test-clock/advance "$1")
    status=$(field data.status <<<"$clock")
  done
  echo "          it is $(field data.now <<<"$clock")"
}

subscription_status() { call GET "/subscriptions/$subscription" | field data.status; }
latest_invoice() { call GET "/invoices?customerId=$customer&limit=1"; }
invoice_status() { latest_invoice | field data.0.status; }
step() { echo "--- $*"; }

step "a customer with a card"
customer=$(call POST /customers "{\"email\": \"$EMAIL\", \"name\": \"Ada Journey\", \"currency\": \"USD\"}" | field data.id)
call POST /payment-methods "{\"customer_id\": \"$customer\", \"type\": \"card\", \"token\": \"tok_visa\"}" >/dev/null
echo "          $customer"

step "subscribes, with two weeks of trial"
subscription=$(call POST /subscriptions "{\"customerId\": \"$customer\", \"amountMinor\": 4900, \"billingInterval\": \"month\", \"trialDays\": 14}" | field data.id)
echo "          $subscription is $(subscription_status)"

step "the trial ends: the first period is billed and paid"
pass_time '{"days": 15}'
until_says active subscription_status
until_says paid invoice_status
echo "          $(latest_invoice | field data.0.invoice_number) is paid"

step "a month later: renewed"
pass_time '{"days": 31}'
until_says paid invoice_status
echo "          $(latest_invoice | field data.0.invoice_number) is paid"

step "the card is exchanged for one that will be declined; a month later"
call POST /payment-methods "{\"customer_id\": \"$customer\", \"type\": \"card\", \"token\": \"tok_chargeCustomerFail\", \"set_default\": true}" >/dev/null
pass_time '{"days": 31}'
until_says past_due subscription_status
echo "          the subscription is past due, next attempt $(call GET "/subscriptions/$subscription" | field data.dunning.nextRetryAt)"

step "three days later the second attempt fails, too"
pass_time '{"days": 4}'
echo "          failed attempts: $(call GET "/subscriptions/$subscription" | field data.dunning.retryCount)"

step "a good card comes: collected at once"
call POST /payment-methods "{\"customer_id\": \"$customer\", \"type\": \"card\", \"token\": \"tok_mastercard\", \"set_default\": true}" >/dev/null
until_says active subscription_status
until_says paid invoice_status
echo "          active again"

step "paused for a while, and resumed"
call POST "/subscriptions/$subscription/pause" '{"behavior": "void"}' >/dev/null
until_says paused subscription_status
pass_time '{"days": 40}'
call POST "/subscriptions/$subscription/resume" >/dev/null
until_says active subscription_status
until_says paid invoice_status

step "the last payment is given back"
payment=$(call GET "/payments?customer_id=$customer&limit=1" | field data.0.id)
charge="ch_${payment#pay_}"
call POST "/charges/$charge/refund" '{"reason": "requested_by_customer"}' | field data.status

step "the customer is deleted: the subscription ends, nothing can be charged"
call DELETE "/customers/$customer" >/dev/null
echo "          the subscription is $(subscription_status)"
if call POST /charges "{\"customerId\": \"$customer\", \"amountMinor\": 100, \"description\": \"too late\"}" 2>/dev/null; then
  echo "a deleted customer was charged" >&2
  exit 1
fi

step "what has happened, oldest first"
expected="customer.created customer.payment_method.attached subscription.created subscription.trial_will_end
  subscription.activated invoice.created invoice.finalized payment.succeeded invoice.paid subscription.renewed
  payment.failed invoice.payment_failed subscription.past_due subscription.paused subscription.resumed refund.created
  refund.succeeded payment.refunded customer.deleted subscription.canceled"
happened() {
  call GET "/events?customer_id=$customer&limit=100" | python3 -c '
import json, sys
for event in reversed(json.load(sys.stdin)["data"]):
    print(event["created_at"], event["type"])'
}
missing() {
  local seen
  seen=$(happened)
  for type in $expected; do grep -q " $type\$" <<<"$seen" || echo "$type"; done
}
until_says "" missing
happened
call DELETE /test-clock >/dev/null
echo "--- done"
