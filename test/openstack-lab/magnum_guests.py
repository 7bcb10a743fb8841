"""Stands in for what Magnum's clusters need from elsewhere: a discovery service for etcd, and the agents in the machines
that report to Heat what they have deployed. Only for comparisons with Magnum; Moorage uses neither."""
import os
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import openstack

PORT = int(sys.argv[1])


class Discovery(BaseHTTPRequestHandler):
    def do_GET(self):
        url = urlsplit(self.path)
        if url.path == '/new':  # -> the new cluster's URL, which says its size
            size = parse_qs(url.query)['size'][0]
            body = f'http://127.0.0.1:{PORT}/size/{size}'
        else:                   # /size/N/_config/size
            body = '{"node": {"value": "%s"}}' % url.path.split('/')[2]
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body.encode())


def login():
    return openstack.connect(
        auth_url=os.environ['AUTH'], username='admin',
        password=os.environ['LAB_PASSWORD'], project_name='admin',
        user_domain_name='Default', project_domain_name='Default',
        region_name='RegionOne').orchestration


def report_deployments():
    """Completes whatever Heat waits for a machine to have deployed."""
    heat = None
    while True:
        try:
            heat = heat or login()
            found = heat.get('/software_deployments').json()
            for deployment in found.get('software_deployments', []):
                if deployment['status'] == 'IN_PROGRESS':
                    heat.put(f'/software_deployments/{deployment["id"]}',
                             json={'status': 'COMPLETE', 'output_values': {
                                 'deploy_status_code': 0}})
        except Exception as error:  # the APIs may not be up (yet)
            print(error, flush=True)
        time.sleep(3)


threading.Thread(target=report_deployments, daemon=True).start()
ThreadingHTTPServer(('127.0.0.1', PORT), Discovery).serve_forever()
