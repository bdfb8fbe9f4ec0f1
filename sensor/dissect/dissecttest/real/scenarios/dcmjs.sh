# dcmjs-dimse: a second implementation of DICOM as server and client: verification, query, a work list, an unknown title.
programs() { need node npm:dcmjs-dimse; }
serve() {
	cat > "$TMP/s.js" <<-'J'
		const {Server, Scp, Dataset, constants: {PresentationContextResult: R, Status, SopClass}, association: {}} = require('dcmjs-dimse').default || require('dcmjs-dimse');
		const d = require('dcmjs-dimse'); const {CEchoResponse, CFindResponse} = d.responses;
		class S extends Scp {
			associationRequested(a) {
				if (a.getCalledAeTitle() !== 'RIS12') return this.sendAssociationReject(1, 1, 7);
				for (const c of a.getPresentationContexts()) { const x = a.getPresentationContext(c.id); x.getTransferSyntaxUids().forEach(t => t === '1.2.840.10008.1.2' && x.setResult(R.Accept, t)); }
				this.sendAssociationAccept();
			}
			cEchoRequest(q, done) { const r = CEchoResponse.fromRequest(q); r.setStatus(Status.Success); done(r); }
			cFindRequest(q, done) { const a = CFindResponse.fromRequest(q), b = CFindResponse.fromRequest(q);
				a.setDataset(new Dataset({PatientName: 'CANARY^PERSON', PatientID: 'CANARY'})); a.setStatus(Status.Pending); b.setStatus(Status.Success); done([a, b]); }
			associationReleaseRequested() { this.sendAssociationReleaseResponse(); }
		}
		new Server(S).listen(11112);
	J
	cat > "$TMP/c.js" <<-'J'
		const d = require('dcmjs-dimse'), {Client} = d, {CEchoRequest, CFindRequest} = d.requests;
		const run = (to, ...qs) => new Promise(done => { const c = new Client(); qs.forEach(q => c.addRequest(q));
			['closed', 'networkError', 'associationRejected'].forEach(e => c.on(e, () => setTimeout(done, 200))); c.send('10.66.0.20', 11112, 'CTROOM2', to); });
		(async () => { await run('RIS12', new CEchoRequest());
			await run('RIS12', CFindRequest.createStudyFindRequest({PatientID: 'CANARY'}), CFindRequest.createWorklistFindRequest({PatientName: '*'}));
			await run('NOSUCH', new CEchoRequest()); process.exit(0); })();
	J
	bg b node "$TMP/s.js"; ready b 11112
}
talk() { on a node "$TMP/c.js"; true; }
