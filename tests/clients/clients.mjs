// JavaScript clients of others speak with this server as with any FHIR server.
// node clients.mjs http://127.0.0.1:8000/fhir
import assert from "node:assert/strict";
import { MedplumClient } from "@medplum/core";
import kit from "fhir-kit-client";

const url = process.argv[2];

async function fhirKit() {
  const client = new (kit.default ?? kit)({ baseUrl: url });
  const statement = await client.capabilityStatement();
  assert.equal(statement.fhirVersion, "4.0.1");
  const body = {
    resourceType: "Patient",
    name: [{ text: "王秀英" }],
    identifier: [{ system: "urn:kit", value: "1" }],
  };
  const made = await client.create({ resourceType: "Patient", body });
  const read = await client.read({ resourceType: "Patient", id: made.id });
  assert.equal(read.name[0].text, "王秀英");
  const changed = await client.update({
    resourceType: "Patient",
    id: made.id,
    body: { ...read, gender: "female" },
  });
  assert.equal(changed.meta.versionId, "2");
  const patched = await client.patch({
    resourceType: "Patient",
    id: made.id,
    JSONPatch: [{ op: "add", path: "/birthDate", value: "1940-05-01" }],
  });
  assert.equal(patched.birthDate, "1940-05-01");
  const found = await client.search({
    resourceType: "Patient",
    searchParams: { identifier: "urn:kit|1" },
  });
  assert.equal(found.total, 1);
  const done = await client.transaction({
    body: {
      resourceType: "Bundle",
      type: "transaction",
      entry: [{ resource: body, request: { method: "POST", url: "Patient" } }],
    },
  });
  assert.match(done.entry[0].response.status, /^201/);
  const history = await client.history({ resourceType: "Patient", id: made.id });
  assert.equal(history.entry.length, 3);
  await client.delete({ resourceType: "Patient", id: made.id });
  await assert.rejects(client.read({ resourceType: "Patient", id: made.id }));
}

async function medplum() {
  const client = new MedplumClient({ baseUrl: url.replace(/fhir$/, ""), fhirUrlPath: "fhir", fetch });
  const made = await client.createResource({
    resourceType: "Task",
    status: "requested",
    intent: "order",
    identifier: [{ system: "urn:medplum", value: "1" }],
  });
  const read = await client.readResource("Task", made.id);
  assert.equal(read.status, "requested");
  const changed = await client.updateResource({ ...read, status: "accepted" });
  assert.equal(changed.meta.versionId, "2");
  const found = await client.searchResources("Task", { identifier: "urn:medplum|1" });
  assert.equal(found.length, 1);
  const same = await client.createResourceIfNoneExist(
    { resourceType: "Task", status: "requested", intent: "order" },
    "identifier=urn:medplum|1",
  );
  assert.equal(same.id, made.id);
  const patched = await client.patchResource("Task", made.id, [
    { op: "replace", path: "/status", value: "completed" },
  ]);
  assert.equal(patched.status, "completed");
  await client.deleteResource("Task", made.id);
}

await fhirKit();
await medplum();
console.log("ok");
