// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN

/// A scenario file: the simulator's configuration, its devices and the faults in force from the start, in YAML.
public struct Scenario: Sendable {
    public var configuration: SimulatorConfiguration
    /// Faults to be injected after the start.
    public var faults: [Fault]

    /// Reads a scenario.
    ///
    /// - Parameters:
    ///   - text: the file's octets.
    ///   - file: what errors call it.
    ///   - token: used when the file names none.
    /// - Throws: `SimulatorError.badScenario` with the line of the first mistake.
    public init(parsing text: [UInt8], file: String, token: String? = nil) throws(SimulatorError) {
        var fields = try ScenarioFields(YAMLNode(parsing: text, file: file), file: file, called: "the scenario")
        guard let token = try fields.text("token") ?? token else { throw fields.missing("token") }
        var configuration = SimulatorConfiguration(token: token)
        if let address = try fields.text("address") { configuration.address = address }
        if let port = try fields.integer("port", 0...UInt16.max) { configuration.port = port }
        let certificate = try fields.text("tls_certificate")
        let key = try fields.text("tls_key")
        switch (certificate, key) {
        case (let certificate?, let key?): configuration.tls = TLSFiles(certificate: certificate, key: key)
        case (nil, nil): break
        default: throw fields.missing("tls_certificate or tls_key")
        }
        if let size = try fields.integer("challenge_size", 2...4096) { configuration.challengeSize = size }
        if let size = try fields.integer("smallest_challenge_size", 2...4096) {
            configuration.smallestChallengeSize = size
        }
        if let seconds = try fields.number("ack_timeout_s", 0.01...86_400) {
            configuration.ackTimeout = .seconds(seconds)
        }
        if let count = try fields.integer("unsubscribe_after", 0...1_000_000) {
            configuration.unsubscribeAfter = count > 0 ? count : nil
        }
        configuration.subscriptionLimit = try fields.integer("subscription_limit", 0...100_000_000)
        if let lead = try fields.integer("gateway_lead_ms", 0...10_000) {
            configuration.gatewayLead = .milliseconds(lead)
        }
        if let scale = try fields.number("time_scale", 0.001...100) { configuration.timeScale = scale }
        if let limit = try fields.integer("history_limit", 0...10_000_000) { configuration.historyLimit = limit }
        if let isBinary = try fields.boolean("binary_frames") { configuration.sendsBinaryFrames = isBinary }
        configuration.fragmentSize = try fields.integer("fragment_size", 1...1_000_000)
        if let byDevice = try fields.boolean("multicast_by_device") {
            configuration.reportsMulticastByDevice = byDevice
        }
        configuration.seed = try fields.integer("seed", 0...UInt64.max)
        let defaults = try fields.node("defaults").map { node throws(SimulatorError) in
            try ScenarioFields(node, file: file, called: "defaults")
        }
        for node in try fields.elements("devices") {
            configuration.devices += try Scenario.devices(node, defaults, file: file)
        }
        var faults: [Fault] = []
        for node in try fields.elements("faults") {
            do throws(SimulatorError) {
                faults += try Fault.reading(node.json)
            } catch {
                throw .badScenario(file: file, line: node.line, message: error.description)
            }
        }
        try fields.finish()
        self.configuration = configuration
        self.faults = faults
    }

    /// Reads the devices of one entry that stands alone.
    static func devices(parsing text: [UInt8], called name: String) throws(SimulatorError)
        -> [VirtualDeviceConfiguration]
    {
        try devices(YAMLNode(parsing: text, file: name), nil, file: name)
    }

    /// The devices of one entry: `count` of them, each with the next DevEUI and DevAddr.
    private static func devices(
        _ node: YAMLNode,
        _ defaults: ScenarioFields?,
        file: String,
    ) throws(SimulatorError) -> [VirtualDeviceConfiguration] {
        var fields = try ScenarioFields(node, file: file, called: "a device")
        if let defaults { fields.fill(from: defaults) }
        let count = try fields.integer("count", 1...1_000_000) ?? 1
        let sharesAddress = try fields.boolean("share_dev_addr") ?? false
        let device = try VirtualDeviceConfiguration(&fields)
        try fields.finish()
        guard count > 1 else { return [device] }
        return (0..<count).map { number in
            var copy = device
            copy.name = "\(device.name)-\(number)"
            copy.devEUI = EUI64(rawValue: device.devEUI.rawValue &+ UInt64(number))
            if case .abp(let address, let keys) = device.activation, !sharesAddress {
                copy.activation = .abp(devAddr: DevAddr(rawValue: address.rawValue &+ UInt32(number)), keys: keys)
            }
            return copy
        }
    }
}
