import Client from "fhir-kit-client";

const client = new (Client.default ?? Client)({ baseUrl: "BASE" });

const made = await client.create({
  resourceType: "Observation",
  body: {
    resourceType: "Observation",
    status: "final",
    code: { coding: [{ system: "http://loinc.org", code: "29463-7" }] },
    valueQuantity: { value: 61.5, unit: "kg" },
  },
});
console.log(made.id, made.meta.versionId);

const found = await client.search({
  resourceType: "Observation",
  searchParams: { code: "http://loinc.org|29463-7", "value-quantity": "gt60" },
});
console.log(found.total);
