// SPDX-License-Identifier: Apache-2.0

/// A group of keys that is being read. It remembers which keys were asked for, so that `finish` can refuse the others.
final class Section {
    let log: ReadingLog
    /// Such as `coverages[0]`; empty for the whole file.
    let path: String
    /// The path with `[]` for every index.
    private let pattern: String
    private let node: YAMLNode?
    /// The variables that stand for keys of this section: the rest of their names, and their names; the last counts.
    private let variables: [String: [String]]
    /// What comes before a key in the name of a variable.
    private let variablePrefix: String
    /// False for the second and later elements of a list, whose keys are known from the first.
    private let isFirstOfItsKind: Bool
    private var asked: Set<String> = []
    private var refused: Set<String> = []

    /// The whole file.
    init(root: YAMLNode?, log: ReadingLog) {
        self.log = log
        path = ""
        pattern = ""
        variablePrefix = EnvironmentOverrides.prefix
        isFirstOfItsKind = true
        var variables: [String: [String]] = [:]
        for name in EnvironmentOverrides.names(in: log.environment) {
            variables[String(name.dropFirst(EnvironmentOverrides.prefix.count))] = [name]
        }
        self.variables = variables
        node = Section.mapping(root, path: "", expected: "keys such as coverages and mqtt", log: log)
    }

    private init(of parent: Section, key: String, path: String, names: [String], node: YAMLNode?, isFirst: Bool) {
        log = parent.log
        self.path = path
        pattern = parent.pattern.isEmpty ? key : "\(parent.pattern).\(key)"
        isFirstOfItsKind = parent.isFirstOfItsKind && isFirst
        variablePrefix = parent.variablePrefix + (names.last ?? "")
        var variables: [String: [String]] = [:]
        if !parent.variables.isEmpty {
            for name in names {
                for (rest, found) in parent.variables where rest.hasPrefix(name) {
                    variables[String(rest.dropFirst(name.count)), default: []] += found
                }
            }
        }
        self.variables = variables
        self.node = Section.mapping(node, path: path, expected: "a group of keys", log: parent.log)
    }

    private static func mapping(_ node: YAMLNode?, path: String, expected: String, log: ReadingLog) -> YAMLNode? {
        guard let node, !node.isNull else { return nil }
        if case .mapping = node.content { return node }
        log.add(
            ConfigurationProblem(
                place: .file(log.file, line: node.mark.line, column: node.mark.column),
                key: path,
                message: "found \(node.kind); expected \(expected)",
            )
        )
        return nil
    }

    // MARK: Places and problems

    func keyPath(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

    /// Where the key's value is given, else where the section begins.
    func place(of key: String? = nil) -> ConfigurationProblem.Place {
        if let key {
            if let variable = variable(for: key) { return .environment(variable) }
            if let mark = node?.member(key)?.mark { return .file(log.file, line: mark.line, column: mark.column) }
        }
        guard let mark = node?.mark else { return .wholeFile(log.file) }
        return .file(log.file, line: mark.line, column: mark.column)
    }

    /// Says what is wrong with a key's value.
    func refuse(_ key: String, _ message: String, hint: String? = nil) {
        refused.insert(key)
        log.add(ConfigurationProblem(place: place(of: key), key: keyPath(key), message: message, hint: hint))
    }

    /// Says that a key without a default is missing, unless its value was refused already.
    func require(_ key: String, expected: String) {
        guard !refused.contains(key) else { return }
        log.add(
            ConfigurationProblem(place: place(), key: keyPath(key), message: "not given; expected \(expected)")
        )
    }

    /// Whether the key has a value.
    func has(_ key: String) -> Bool {
        if variable(for: key) != nil { return true }
        return node?.member(key).map { !$0.isNull } ?? false
    }

    /// Refuses every key that was not asked for.
    func finish() {
        guard let node, case .mapping(let members) = node.content else { return }
        for member in members where !asked.contains(member.key) {
            log.add(
                ConfigurationProblem(
                    place: .file(log.file, line: member.keyMark.line, column: member.keyMark.column),
                    key: keyPath(member.key),
                    message: "unknown key\(path.isEmpty ? "" : " of \(path)")",
                    hint: Spelling.hint(for: member.key, among: asked.sorted())
                        ?? "known here: \(asked.sorted().joined(separator: ", "))",
                )
            )
        }
    }

    // MARK: What stands at a key

    /// A single value with where it comes from.
    struct Scalar {
        var text: String
        /// Whether it may be read as a number or a truth value: written without quotes, or put in from the environment.
        var isPlain: Bool
    }

    /// The key's value: that of its environment variable, else the file's with `${NAME}` resolved; nil when there is
    /// none, or none that can be used.
    func scalar(_ key: String, expected: String, resolves: Bool = true) -> Scalar? {
        note(key)
        if let variable = variable(for: key) {
            return Scalar(text: log.environment[variable] ?? "", isPlain: true)
        }
        guard let value = node?.member(key), !value.isNull else { return nil }
        return scalar(value, key, expected: expected, resolves: resolves)
    }

    private func scalar(_ value: YAMLNode, _ key: String, expected: String, resolves: Bool) -> Scalar? {
        guard case .scalar(let text, let style) = value.content else {
            refuse(key, "found \(value.kind); expected \(expected)")
            return nil
        }
        guard resolves else { return Scalar(text: text, isPlain: style == .plain) }
        do throws(Substitution.Failure) {
            let (resolved, isChanged) = try Substitution.resolve(text, log.environment)
            return Scalar(text: resolved, isPlain: style == .plain || isChanged)
        } catch {
            refuse(key, error.message, hint: error.hint)
            return nil
        }
    }

    /// The values of a list of single values. Its environment variable parts them with commas.
    func scalars(_ key: String, expected: String) -> [Scalar]? {
        note(key)
        if let variable = variable(for: key) {
            let parts = (log.environment[variable] ?? "").split(separator: ",")
            return parts.map { Scalar(text: $0.trimmingSpaces, isPlain: true) }
        }
        guard let value = node?.member(key), !value.isNull else { return nil }
        guard case .sequence(let elements) = value.content else {
            refuse(key, "found \(value.kind); expected a list: \(expected)")
            return nil
        }
        return elements.compactMap { scalar($0, key, expected: expected, resolves: true) }
    }

    /// A map of names to single values.
    func texts(_ key: String) -> [String: String] {
        let section = self.section(key)
        guard case .mapping(let members)? = section.node?.content else { return [:] }
        var texts: [String: String] = [:]
        for member in members {
            texts[member.key] = section.scalar(member.key, expected: "a text")?.text
        }
        return texts
    }

    /// A group of keys inside this one; without any when it is not given.
    func section(_ key: String) -> Section {
        asked.insert(key)
        return Section(
            of: self,
            key: key,
            path: keyPath(key),
            names: [EnvironmentOverrides.part(key) + "_"],
            node: node?.member(key),
            isFirst: true,
        )
    }

    /// The groups of a list, whose names are unique. Their environment variables name them by the value of `name`, or
    /// by index from 0.
    func sections(_ key: String, namedBy name: String) -> [Section] {
        asked.insert(key)
        guard let value = node?.member(key), !value.isNull else { return [] }
        guard case .sequence(let elements) = value.content else {
            refuse(key, "found \(value.kind); expected a list")
            return []
        }
        let list = EnvironmentOverrides.part(key)
        var lines: [String: Int] = [:]
        return elements.enumerated().map { index, element in
            var names = ["\(list)_\(index)_"]
            var title: String?
            if case .scalar(let text, _)? = element.member(name)?.content, !text.isEmpty {
                title = text
                // By name wins over by index.
                names.append("\(list)_\(EnvironmentOverrides.part(text))_")
            }
            let section = Section(
                of: self,
                key: key + "[]",
                path: "\(keyPath(key))[\(index)]",
                names: names,
                node: element,
                isFirst: index == 0,
            )
            if let title, let line = lines[title] {
                section.refuse(name, "\(title) is another's \(name) in this list, first on line \(line)")
            } else if let title {
                lines[title] = element.member(name)?.mark.line
            }
            return section
        }
    }

    /// The variable that overrides a key.
    private func variable(for key: String) -> String? {
        // Nearly always there is none.
        guard !variables.isEmpty, let found = variables[EnvironmentOverrides.part(key)] else { return nil }
        for variable in found { log.use(variable) }
        return found.last
    }

    private func note(_ key: String) {
        asked.insert(key)
        guard isFirstOfItsKind else { return }
        log.know(
            key: pattern.isEmpty ? key : "\(pattern).\(key)",
            variable: variablePrefix + EnvironmentOverrides.part(key),
        )
    }
}

extension Substring {
    fileprivate var trimmingSpaces: String {
        var text = self
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}
