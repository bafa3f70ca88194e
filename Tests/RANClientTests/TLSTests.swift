// SPDX-License-Identifier: Apache-2.0
import Glibc
import RANClient
import TestSupport
import Testing

/// A real TLS server with a certificate of its own making.
@Suite(.timeLimit(.minutes(5)))
struct TLSTests {
    private func withServer(_ body: (_ port: UInt16, _ certificate: String) async throws -> Void) async throws {
        let directory = try TemporaryDirectory()
        let certificate = directory.file("certificate.pem")
        let key = directory.file("key.pem")
        try await ChildProcess.run(
            "openssl",
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out",
                certificate,
            ]
        )
        let port = try FreePort.next()
        let server = try ChildProcess(
            "openssl",
            ["s_server", "-accept", "127.0.0.1:\(port)", "-cert", certificate, "-key", key, "-www"]
        )
        try await server.line(containing: "ACCEPT")
        try await body(port, certificate)
        server.send(SIGTERM)
    }

    private func failure(_ endpoint: RANEndpoint) async throws -> RANError {
        let client = RANClient(endpoint: endpoint, retries: RetryOptions(attempts: 1))
        do throws(RANError) {
            _ = try await client.routingTable.select(limit: 1)
        } catch {
            return error
        }
        throw WaitTimeout(what: "an error", limit: .zero, last: "success")
    }

    private func streamFailure(_ endpoint: RANEndpoint) async -> RANError {
        let failures = Events<RANError>()
        let connection = UpstreamConnection(
            endpoint: endpoint,
            name: "tls",
            handler: { _ in },
            stateChanged: { if case .disconnected(let error, _) = $0 { failures.add(error) } },
        )
        defer { connection.stop() }
        return await failures.next()
    }

    @Test("a certificate nobody vouches for, or of another name, ends HTTP and websockets; a trusted one does not")
    func certificates() async throws {
        try await withServer { port, certificate in
            let token = try RANToken("t")
            let url = "https://localhost:\(port)/api"
            let stranger = try RANEndpoint(url: url, token: token)
            #expect(try await failure(stranger).reason == "tls")
            let streamError = await streamFailure(stranger)
            #expect(streamError.reason == "tls")
            #expect(!streamError.isTransient)
            let misnamed = try RANEndpoint(
                url: "https://127.0.0.1:\(port)/api",
                token: token,
                certificateFile: certificate,
            )
            #expect(try await failure(misnamed).reason == "tls")
            // The server's page is no document of the API, but TLS is through.
            let trusted = try RANEndpoint(url: url, token: token, certificateFile: certificate)
            #expect(try await failure(trusted).reason == "protocol_violation")
            #expect(await streamFailure(trusted).reason == "handshake_refused")
        }
    }
}
