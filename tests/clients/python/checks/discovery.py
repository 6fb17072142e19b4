"""google-api-python-client, which knows of the API what its discovery document says."""

from googleapiclient import discovery, http

from .suite import PROJECT, SONGS, Checks, equal, raises

check = Checks()


def service(run, path):
    return discovery.build("bigquery", "v2", discoveryServiceUrl=f"{run.url}{path}", http=http.build_http(), static_discovery=False, cache_discovery=False)


@check
def both_addresses_give_the_document(run):
    for path in ("/$discovery/rest?version=v2", "/discovery/v1/apis/bigquery/v2/rest"):
        api = service(run, path)
        equal([dataset["datasetReference"]["datasetId"] for dataset in api.datasets().list(projectId=PROJECT).execute()["datasets"]], [run.dataset.dataset_id])


@check
def methods_of_the_document_work(run):
    songs = run.songs()
    api = service(run, "/$discovery/rest?version=v2")
    found = api.jobs().query(projectId=PROJECT, body={"query": f"SELECT COUNT(*) AS n FROM `{songs}`", "useLegacySql": False}).execute()
    equal(found["rows"], [{"f": [{"v": str(len(SONGS))}]}])
    job = found["jobReference"]["jobId"]
    equal(api.jobs().get(projectId=PROJECT, jobId=job, location="US").execute()["status"]["state"], "DONE")
    equal(api.jobs().getQueryResults(projectId=PROJECT, jobId=job, maxResults=0).execute()["totalRows"], "1")
    name = {"projectId": PROJECT, "datasetId": run.dataset.dataset_id}
    table = api.tables().get(**name, tableId="songs").execute()
    equal(table["numRows"], str(len(SONGS)))
    patched = api.tables().patch(**name, tableId="songs", body={"description": "Patched"}).execute()
    equal(patched["description"], "Patched")
    equal(len(api.tabledata().list(**name, tableId="songs", maxResults=2).execute()["rows"]), 2)
    request = api.tables().list(**name, maxResults=1)
    equal([item["tableReference"]["tableId"] for item in request.execute()["tables"]], ["songs"])
    equal(api.tables().list_next(request, request.execute()), None)
    api.tables().delete(**name, tableId="songs").execute()


@check
def a_file_is_uploaded(run):
    api = service(run, "/discovery/v1/apis/bigquery/v2/rest")
    for resumable in (False, True):
        table = {"projectId": PROJECT, "datasetId": run.dataset.dataset_id, "tableId": f"t{resumable}"}
        load = {"destinationTable": table, "sourceFormat": "CSV", "schema": {"fields": [{"name": "n", "type": "INTEGER"}]}}
        media = http.MediaInMemoryUpload(b"1\n2\n" * 200_000, "application/octet-stream", chunksize=256 * 1024, resumable=resumable)
        request = api.jobs().insert(projectId=PROJECT, body={"configuration": {"load": load}}, media_body=media)
        job = request.execute()["jobReference"]
        run.client.get_job(job["jobId"], location=job["location"]).result()
        equal(run.client.get_table(f"{PROJECT}.{table['datasetId']}.{table['tableId']}").num_rows, 400_000)


@check
def errors_are_understood(run):
    api = service(run, "/$discovery/rest?version=v2")
    error = raises(Exception, lambda: api.datasets().get(projectId=PROJECT, datasetId="missing").execute(), "Not found: Dataset conformance:missing")
    equal(error.resp.status, 404)
