// SPDX-License-Identifier: Apache-2.0
import Glibc
import JSON
import Observability
import PayloadCodec

/// Codecs for tests: their workers are the built program.
enum TestCodec {
    /// The built `ran-mqtt-bridge` beside the test program.
    static var program: String {
        var path = [CChar](repeating: 0, count: 4096)
        let count = readlink("/proc/self/exe", &path, path.count)
        let own = String(decoding: path.prefix(max(0, count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return own.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
            + "/ran-mqtt-bridge"
    }

    static func configuration(_ change: (inout CodecConfiguration) -> Void = { _ in }) -> CodecConfiguration {
        var configuration = CodecConfiguration()
        configuration.workerExecutable = program
        configuration.workers = 1
        change(&configuration)
        return configuration
    }

    /// Runs `body` with a codec that is stopped on every path.
    static func with<Result>(
        _ change: (inout CodecConfiguration) -> Void = { _ in },
        metrics: MetricRegistry = MetricRegistry(),
        log: Int32 = -1,
        _ body: (PayloadCodec) async throws -> Result,
    ) async throws -> Result {
        let sink = log < 0 ? LogSink(level: .error) : LogSink(level: .debug, descriptor: log)
        let logger = Logger(component: "codec", sink: sink)
        let codec = PayloadCodec(configuration: configuration(change), logger: logger, metrics: metrics)
        try codec.start()
        do {
            let result = try await body(codec)
            await codec.stop()
            return result
        } catch {
            await codec.stop()
            throw error
        }
    }
}

extension DecodeCall {
    /// A call with the parts that a test cares about.
    init(_ script: String, _ bytes: [UInt8] = [], port: UInt8 = 1, _ flavours: CodecFlavours = .v2, dry: Bool = false) {
        self.init(
            applicationID: "tests",
            formatter: .javascript(script: script),
            bytes: bytes,
            port: port,
            receivedAt: 1_700_000_000_123,
            flavours: flavours,
            isDryRun: dry,
        )
    }

    init(
        parts: FormatterScripts,
        _ bytes: [UInt8] = [],
        port: UInt8 = 1,
        _ flavours: CodecFlavours = .v2,
        dry: Bool = false
    ) {
        self.init(
            applicationID: "tests",
            formatter: .javascript(parts),
            bytes: bytes,
            port: port,
            receivedAt: 1_700_000_000_123,
            flavours: flavours,
            isDryRun: dry,
        )
    }
}

extension DecodeOutcome {
    var fields: String? { fieldsJSON.map { String(decoding: $0, as: UTF8.self) } }
    var decoded: String? { decodedJSON.map { String(decoding: $0, as: UTF8.self) } }
    var normalized: [String] { normalizedJSON.map { String(decoding: $0, as: UTF8.self) } }
}
