// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN

/// Reads the keys of one YAML mapping; what is wrong or left over is an error with its line.
struct ScenarioFields {
    let file: String
    let line: Int
    private var members: [(key: String, value: YAMLNode)]

    init(_ node: YAMLNode, file: String, called name: String) throws(SimulatorError) {
        guard case .mapping(let members) = node.content else {
            throw .badScenario(file: file, line: node.line, message: "\(name) must be a mapping of keys to values")
        }
        var seen: Set<String> = []
        for member in members where !seen.insert(member.key).inserted {
            throw .badScenario(file: file, line: member.value.line, message: "key \(member.key) stands here twice")
        }
        self.file = file
        line = node.line
        self.members = members
    }

    /// Adds keys that are not there from another mapping.
    mutating func fill(from defaults: ScenarioFields) {
        for member in defaults.members where !members.contains(where: { $0.key == member.key }) {
            members.append(member)
        }
    }

    /// Takes a key's node.
    mutating func node(_ key: String) -> YAMLNode? {
        guard let index = members.firstIndex(where: { $0.key == key }) else { return nil }
        return members.remove(at: index).value
    }

    /// Takes the elements of a sequence; none when the key is not there.
    mutating func elements(_ key: String) throws(SimulatorError) -> [YAMLNode] {
        guard let node = node(key) else { return [] }
        guard case .sequence(let elements) = node.content else {
            throw .badScenario(file: file, line: node.line, message: "\(key) must be a list")
        }
        return elements
    }

    mutating func text(_ key: String) throws(SimulatorError) -> String? {
        try read(key, "a text") { $0 }
    }

    mutating func boolean(_ key: String) throws(SimulatorError) -> Bool? {
        try read(key, "true or false") { $0 == "true" ? true : $0 == "false" ? false : nil }
    }

    mutating func integer<Number: FixedWidthInteger>(
        _ key: String,
        _ range: ClosedRange<Number>,
    ) throws(SimulatorError) -> Number? {
        try read(key, "a whole number from \(range.lowerBound) to \(range.upperBound)") { text in
            Number(text).flatMap { range.contains($0) ? $0 : nil }
        }
    }

    mutating func number(_ key: String, _ range: ClosedRange<Double>) throws(SimulatorError) -> Double? {
        try read(key, "a number from \(range.lowerBound) to \(range.upperBound)") { text in
            Double(text).flatMap { range.contains($0) ? $0 : nil }
        }
    }

    mutating func eui(_ key: String) throws(SimulatorError) -> EUI64? {
        try read(key, "16 hexadecimal digits") { EUI64(hex: $0) }
    }

    mutating func address(_ key: String) throws(SimulatorError) -> DevAddr? {
        try read(key, "8 hexadecimal digits (quote them)") { DevAddr(hex: $0) }
    }

    mutating func key(_ key: String) throws(SimulatorError) -> AES128Key? {
        try read(key, "32 hexadecimal digits") { AES128Key(hex: $0) }
    }

    mutating func read<Value>(
        _ key: String,
        _ rule: String,
        _ read: (String) -> Value?,
    ) throws(SimulatorError) -> Value? {
        guard let node = node(key) else { return nil }
        guard case .scalar(let text, _) = node.content, let value = read(text) else {
            throw .badScenario(file: file, line: node.line, message: "\(key) must be \(rule)")
        }
        return value
    }

    /// Takes a list of channel indexes.
    mutating func channels(_ key: String) throws(SimulatorError) -> [Int]? {
        var channels: [Int] = []
        for node in try elements(key) {
            guard case .scalar(let text, _) = node.content, let index = Int(text), (0..<128).contains(index) else {
                throw .badScenario(file: file, line: node.line, message: "\(key) must be channel indexes from 0 to 127")
            }
            channels.append(index)
        }
        return channels.isEmpty ? nil : channels
    }

    func missing(_ keys: String) -> SimulatorError {
        .badScenario(file: file, line: line, message: "\(keys) is missing")
    }

    /// Throws when a key is left over.
    func finish() throws(SimulatorError) {
        guard let member = members.first else { return }
        throw .badScenario(file: file, line: member.value.line, message: "key \(member.key) is unknown here")
    }
}
