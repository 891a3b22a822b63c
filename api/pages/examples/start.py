from fhirpy import SyncFHIRClient

client = SyncFHIRClient("BASE")

task = client.resource("Task", status="requested", intent="order")
task.create()
print(task.to_reference().reference)

task["status"] = "accepted"
task.save()

accepted = client.resources("Task").search(status="accepted")
print(len(accepted.fetch_all()))
