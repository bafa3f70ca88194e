// SPDX-License-Identifier: Apache-2.0

/// Certificates for tests, made by `openssl` and good for two days: `<name>.pem` and `<name>.key` in a directory.
public enum TestCertificates {
    /// Makes an authority that signs itself.
    public static func makeAuthority(_ name: String, in directory: TemporaryDirectory) async throws {
        try await openssl(
            "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=\(name) "
                + "-keyout \(name).key -out \(name).pem",
            in: directory,
        )
    }

    /// Makes a certificate that the authority `ca` signs.
    ///
    /// - Parameter extensions: a line for its extensions, such as `subjectAltName=IP:127.0.0.1`.
    public static func make(_ name: String, _ extensions: String, in directory: TemporaryDirectory) async throws {
        try directory.write(extensions + "\n", to: "\(name).ext")
        try await openssl(
            "req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=\(name) "
                + "-keyout \(name).key -out \(name).csr",
            in: directory,
        )
        try await openssl(
            "x509 -req -in \(name).csr -CA ca.pem -CAkey ca.key -CAcreateserial "
                + "-days 2 -extfile \(name).ext -out \(name).pem",
            in: directory,
        )
    }

    private static func openssl(_ arguments: String, in directory: TemporaryDirectory) async throws {
        try await ChildProcess.run(
            "openssl",
            arguments.split(separator: " ").map(String.init),
            workingDirectory: directory.path,
        )
    }
}
