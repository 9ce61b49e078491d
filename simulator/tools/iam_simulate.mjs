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

async function verdict(given) {
  const named = (policy) => (policy ? [{ name: 'policy', policy }] : [])
  const simulation = {
    request: {
      principal: `arn:aws:sts::${account}:assumed-role/cleaner/ada`,
      action: given.action,
      resource: { resource: given.resource, accountId: account },
      contextVariables: given.keys
    },
    identityPolicies: named(given.identity),
    serviceControlPolicies: given.service_control
      ? [{ orgIdentifier: 'root', policies: named(given.service_control) }]
      : [],
    resourceControlPolicies: [],
    sessionPolicy: given.session,
    permissionBoundaryPolicies: given.boundary ? named(given.boundary) : undefined
  }
  return runUnsafeSimulation(simulation, {})
}

const verdicts = []
for (const given of JSON.parse(readFileSync(0, 'utf8'))) {
  verdicts.push(await verdict(given))
}
process.stdout.write(JSON.stringify(verdicts))
