// SPDX-License-Identifier: Apache-2.0
internal import Glibc

/// All that a configuration file says, checked.
public struct BridgeConfiguration: Hashable, Sendable {
    /// At least one; names are unique.
    public var coverages: [CoverageConfiguration]
    public var mqtt: MQTTConfigurationValues
    public var store: StoreConfiguration
    public var network: NetworkConfigurationValues
    public var codec: CodecConfigurationValues
    public var service: ServiceConfiguration
    public var metrics: MetricsConfiguration
    public var log: LogConfiguration
    /// Ids are unique, as are DevEUIs over all of them.
    public var applications: [ApplicationConfiguration]

    /// Reads a file of at most 256 MiB.
    ///
    /// - Parameters:
    ///   - file: its path.
    ///   - environment: for `${NAME}` in values, and for `RAN_MQTT_BRIDGE_…` in place of them.
    /// - Throws: everything that is wrong with it.
    public static func load(
        file: String,
        environment: [String: String],
    ) throws(ConfigurationErrors) -> BridgeConfiguration {
        try load(octets: try octets(of: file), file: file, environment: environment)
    }

    /// Reads a text; `file` is what problems call it.
    public static func load(
        text: String,
        file: String,
        environment: [String: String],
    ) throws(ConfigurationErrors) -> BridgeConfiguration {
        try load(octets: Array(text.utf8), file: file, environment: environment)
    }

    private static func load(
        octets: [UInt8],
        file: String,
        environment: [String: String],
    ) throws(ConfigurationErrors) -> BridgeConfiguration {
        let log = ReadingLog(file: file, environment: environment)
        let configuration = try read(octets, log)
        let problems = log.finish()
        guard problems.isEmpty else { throw ConfigurationErrors(problems: problems) }
        return configuration
    }

    static func read(_ octets: [UInt8], _ log: ReadingLog) throws(ConfigurationErrors) -> BridgeConfiguration {
        do throws(YAMLProblem) {
            let (root, problems) = try YAMLParser.parse(octets)
            for problem in problems { log.add(ConfigurationProblem(problem, file: log.file)) }
            return BridgeConfiguration(Section(root: root, log: log))
        } catch {
            throw ConfigurationErrors(problems: [ConfigurationProblem(error, file: log.file)])
        }
    }

    private init(_ section: Section) {
        defer { section.finish() }
        let coverageSections = section.sections("coverages", namedBy: "name")
        coverages = coverageSections.compactMap { CoverageConfiguration($0) }
        if coverageSections.isEmpty {
            section.require("coverages", expected: "a list with at least one coverage of the RAN")
        }
        for (index, coverage) in coverages.enumerated() where coverages.count == coverageSections.count {
            // What is wanted is wanted of all devices of a region.
            let other = coverages[..<index].first { $0.region == coverage.region && $0.channels != coverage.channels }
            guard let other else { continue }
            let message = "wants other channels or another RX2 than \(other.name), which has the same region"
            coverageSections[index].refuse("region", message)
        }
        mqtt = MQTTConfigurationValues(section.section("mqtt"))
        store = StoreConfiguration(section.section("store"))
        network = NetworkConfigurationValues(section.section("network"))
        codec = CodecConfigurationValues(section.section("codec"))
        service = ServiceConfiguration(section.section("service"))
        metrics = MetricsConfiguration(section.section("metrics"))
        log = LogConfiguration(section.section("log"))
        // A coverage that was refused has no name to compare with.
        let isComplete = coverages.count == coverageSections.count
        let context = DeviceContext(coverages: isComplete ? coverages.map(\.name) : nil)
        applications = section.sections("applications", namedBy: "id").compactMap { element in
            ApplicationConfiguration(element, context)
        }
    }

    private static func octets(of path: String) throws(ConfigurationErrors) -> [UInt8] {
        func failure(_ message: String) -> ConfigurationErrors {
            ConfigurationErrors(problems: [
                ConfigurationProblem(place: .wholeFile(path), key: "", message: message)
            ])
        }
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("cannot be opened: \(String(cString: strerror(errno)))") }
        defer { close(descriptor) }
        var octets: [UInt8] = []
        let limit = 256 << 20
        while octets.count <= limit {
            let count = withUnsafeTemporaryAllocation(byteCount: 65_536, alignment: 16) { buffer in
                let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
                if count > 0 { octets += buffer[..<count] }
                return count
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw failure("cannot be read: \(String(cString: strerror(errno)))") }
            if count == 0 { return octets }
        }
        throw failure("is larger than \(limit >> 20) MiB")
    }
}

extension ConfigurationProblem {
    fileprivate init(_ problem: YAMLProblem, file: String) {
        self.init(
            place: .file(file, line: problem.mark.line, column: problem.mark.column),
            key: "",
            message: problem.message,
        )
    }
}
