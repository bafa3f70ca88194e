// SPDX-License-Identifier: Apache-2.0

/// What comes to light while a configuration is read: everything wrong with it, and which keys were asked for.
final class ReadingLog {
    let file: String
    let environment: [String: String]
    private var problems: [ConfigurationProblem] = []
    private var usedVariables: Set<String> = []
    private var knownVariables: Set<String> = []
    /// Every key a configuration may have, with `[]` for the elements of a list.
    private(set) var knownKeys: Set<String> = []

    init(file: String, environment: [String: String]) {
        self.file = file
        self.environment = environment
    }

    func add(_ problem: ConfigurationProblem) { problems.append(problem) }

    func use(_ variable: String) { usedVariables.insert(variable) }

    func know(key: String, variable: String) {
        knownKeys.insert(key)
        knownVariables.insert(variable)
    }

    /// Everything that is wrong, in the order of the file; the environment comes last.
    func finish() -> [ConfigurationProblem] {
        for name in EnvironmentOverrides.names(in: environment) where !usedVariables.contains(name) {
            add(
                ConfigurationProblem(
                    place: .environment(name),
                    key: "",
                    message: "no key of the configuration has this name",
                    hint: Spelling.hint(for: name, among: knownVariables.sorted()),
                )
            )
        }
        return problems.enumerated().sorted { left, right in
            (left.element.order, left.offset) < (right.element.order, right.offset)
        }.map(\.element)
    }
}

extension ConfigurationProblem {
    fileprivate var order: YAMLMark {
        switch place {
        case .wholeFile: YAMLMark(line: 0, column: 0)
        case .file(_, let line, let column): YAMLMark(line: line, column: column)
        case .environment: YAMLMark(line: .max, column: 0)
        }
    }
}

/// Which environment variables stand for keys: `RAN_MQTT_BRIDGE_` and the key's path in capitals, parted by `_`.
enum EnvironmentOverrides {
    static let prefix = "RAN_MQTT_BRIDGE_"

    /// The variables meant for this program, in order. `RAN_MQTT_BRIDGE_CONFIG` names the file, and Kubernetes sets the
    /// others for a service of this name.
    static func names(in environment: [String: String]) -> [String] {
        environment.keys.filter { name in
            guard name.hasPrefix(prefix) else { return false }
            let rest = name.dropFirst(prefix.count)
            return rest != "CONFIG" && rest != "PORT" && !rest.hasPrefix("PORT_") && !rest.hasPrefix("SERVICE_")
        }.sorted()
    }

    /// A key, or the name of a list's element, as a part of a variable's name.
    static func part(_ name: some StringProtocol) -> String {
        String(decoding: name.uppercased().utf8.map { $0.isWordCharacter ? $0 : UInt8(ascii: "_") }, as: UTF8.self)
    }
}
