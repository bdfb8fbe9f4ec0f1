#!/usr/bin/env python3
"""The labelled captures through nDPI (ndpiReader, Debian's libndpi-bin) and through the sensor, by one ruler.

usage: ndpi.py [-update] SENSOR CAPTURES; -update writes the summary into sensor/README.md

What counts: each application protocol that the labels name for a capture, found iff a flow (for the sensor also an
observation) carries a service that score.py takes for it. nDPI runs with guesses by port switched off, as the sensor
has none; of its two-part names ("TLS.Google") both parts count.
"""
import collections, datetime, importlib.util, json, os, re, subprocess, sys

NDPI = {  # nDPI's name -> ours, where lower case alone does not make it
    'smbv1': 'smb', 'smbv23': 'smb', 'ftp_control': 'ftp', 'mssql-tds': 'tds', 'iec60870': 'iec104', 'dce_rpc': 'dcerpc', 'ciscoskinny': 'sccp',
    'skinny': 'sccp', 'rx': 'rx', 'rsh': 'rsh', 'service_location_protocol': 'slp', 'ethernetip': 'enip', 'pop3s': 'tls', 'imaps': 'tls', 'smtps': 'tls',
    'rtsp': 'rtsp', 'doh_dot': 'tls', 'netbios': 'nbns netbios-ssn netbios-dgm browser', 'tplinkshp': 'tplink-smarthome', 'nest': 'tls',
}


def main():
    args = sys.argv[1:]
    update = args[:1] == ['-update']
    sensor, captures = args[update:][:2]
    spec = importlib.util.spec_from_file_location('score', os.path.join(captures, 'score.py'))
    score = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(score)
    found = collections.defaultdict(lambda: [0, 0, 0])
    kinds = collections.defaultdict(lambda: [0, 0, 0])
    for line in open(os.path.join(captures, 'TRUTH.jsonl')):
        truth = json.loads(line)
        path = os.path.join(captures, truth['file'])
        protocols = [p for p in truth['protocols'] if p in score.SERVICE and p not in score.LINK_LEVEL]
        if truth['group'] == 'malformed' or not protocols or not os.path.exists(path):
            continue
        theirs, ours = ndpi(path), score.Seen(score.run(sensor, path, 300, False)[0])
        ours = ours.flow_services | ours.sources
        for p in protocols:
            names = set(score.SERVICE[p].split())
            for row in (found[truth['group']], found['all'], kinds[p]):
                row[0] += 1
                row[1] += bool(names & theirs)
                row[2] += bool(names & ours)
    text = table(found, kinds)
    print(text)
    if update:
        write(text)


def ndpi(path):
    """The services that nDPI finds in a capture, by our names."""
    out = subprocess.run(['ndpiReader', '-d', '-v', '2', '-i', path], capture_output=True, timeout=300).stdout.decode('utf-8', 'replace')
    services = set()
    for name in re.findall(r'\[proto: [0-9.]+/([^\]]+)\]', out):
        for part in name.lower().split('.'):
            services.update(NDPI.get(part, part).split())
    return services


def table(found, kinds):
    version = subprocess.run(['ndpiReader', '--help'], capture_output=True, text=True)
    version = re.search(r'nDPI ([0-9.]+)', version.stdout + version.stderr)
    lines = ['nDPI %s without guesses by port, and the sensor, on the application protocols that the labels name for each capture, measured on %s.'
             % (version.group(1) if version else '?', datetime.date.today()), '', '| group | services in the captures | found by nDPI | found by the sensor |', '| --- | --- | --- | --- |']
    for group in sorted(found, key=lambda g: (g == 'all', g)):
        n, theirs, ours = found[group]
        lines.append('| %s | %d | %d (%.0f%%) | %d (%.0f%%) |' % (group, n, theirs, 100 * theirs / n, ours, 100 * ours / n))
    only = lambda a, b: ', '.join('%s %d' % (p, k[a] - k[b]) for p, k in sorted(kinds.items()) if k[a] > k[b]) or 'none'
    lines += ['', 'Found more often by the sensor: ' + only(2, 1) + '.', '', 'Found more often by nDPI: ' + only(1, 2) + '.']
    return '\n'.join(lines)


def write(text):
    readme = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', '..', 'sensor', 'README.md')
    page = open(readme).read()
    begin, end = '<!-- ndpi: begin (internal/tools/score/ndpi.py -update) -->\n', '<!-- ndpi: end -->'
    before, rest = page.split(begin, 1)
    open(readme, 'w').write(before + begin + text + '\n' + end + rest.split(end, 1)[1])


if __name__ == '__main__':
    main()
