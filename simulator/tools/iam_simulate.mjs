// Evaluates policies with @cloud-copilot/iam-simulate, for the test that holds the twin's evaluation
// against it (simulator/src/iam/tests/peer.rs).
//
//     node iam_simulate.mjs FOLDER < cases.json > verdicts.json
//
// FOLDER is where the package is installed. A case has `action`, `resource`, `keys` and a policy
// document under `identity`, `service_control`, `boundary` and `session`, where given; the verdicts
// are `Allowed`, `ExplicitlyDenied` and `ImplicitlyDenied`, in the order of the cases.

import { createRequire } from 'node:module'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'

const require = createRequire(resolve(process.argv[2], 'package.json'))
const { runUnsafeSimulation } = require('@cloud-copilot/iam-simulate')

const account = '123456789012'

// The package's evaluation without checks of the input leaves session policies out: they are evaluated
// as identity policies of their own, and the two verdicts put together.
async function verdict(given) {
  const own = await simulate(given.identity, given, given)
  if (!given.session) return own
  const session = await simulate(given.session, given, {})
  const order = ['ExplicitlyDenied', 'ImplicitlyDenied', 'Allowed']
  return order.find((it) => own === it || session === it)
}

async function simulate(identity, request, layers) {
  const named = (policy) => (policy ? [{ name: 'policy', policy }] : [])
  const simulation = {
    request: {
      principal: `arn:aws:sts::${account}:assumed-role/cleaner/ada`,
      action: request.action,
      resource: { resource: request.resource, accountId: account },
      contextVariables: request.keys
    },
    identityPolicies: named(identity),
    serviceControlPolicies: layers.service_control
      ? [{ orgIdentifier: 'root', policies: named(layers.service_control) }]
      : [],
    resourceControlPolicies: [],
    permissionBoundaryPolicies: layers.boundary ? named(layers.boundary) : undefined
  }
  return runUnsafeSimulation(simulation, {})
}

const verdicts = []
for (const given of JSON.parse(readFileSync(0, 'utf8'))) {
  verdicts.push(await verdict(given))
}
process.stdout.write(JSON.stringify(verdicts))
