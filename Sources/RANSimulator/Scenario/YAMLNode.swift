// SPDX-License-Identifier: Apache-2.0
internal import CYAML
internal import JSON

/// One value of a YAML file with its line: the only file that calls libyaml.
struct YAMLNode {
    enum Content {
        /// A text, and whether it stood in quotes.
        case scalar(String, isQuoted: Bool)
        case sequence([YAMLNode])
        case mapping([(key: String, value: YAMLNode)])
    }

    var content: Content
    /// From 1.
    var line: Int

    /// Reads one YAML document.
    ///
    /// - Parameters:
    ///   - file: what errors call it.
    init(parsing text: [UInt8], file: String) throws(SimulatorError) {
        var parser = yaml_parser_t()
        guard yaml_parser_initialize(&parser) == 1 else {
            throw .badScenario(file: file, line: 1, message: "out of memory")
        }
        defer { yaml_parser_delete(&parser) }
        var document = yaml_document_t()
        let isLoaded = text.withUnsafeBufferPointer { buffer in
            yaml_parser_set_input_string(&parser, buffer.baseAddress, buffer.count)
            return yaml_parser_load(&parser, &document) == 1
        }
        guard isLoaded else {
            let message = parser.problem.map { String(cString: $0) } ?? "not YAML"
            throw .badScenario(file: file, line: Int(parser.problem_mark.line) + 1, message: message)
        }
        defer { yaml_document_delete(&document) }
        guard let root = yaml_document_get_root_node(&document) else {
            throw .badScenario(file: file, line: 1, message: "the file is empty")
        }
        self = try YAMLNode(copying: root, &document, file: file, depth: 0)
    }

    private init(
        copying node: UnsafeMutablePointer<yaml_node_t>,
        _ document: inout yaml_document_t,
        file: String,
        depth: Int,
    ) throws(SimulatorError) {
        line = Int(node.pointee.start_mark.line) + 1
        guard depth < 32 else { throw .badScenario(file: file, line: line, message: "nested too deep") }
        switch node.pointee.type {
        case YAML_SCALAR_NODE:
            let scalar = node.pointee.data.scalar
            let octets = UnsafeBufferPointer(start: scalar.value, count: scalar.length)
            let text = String(decoding: octets, as: UTF8.self)
            content = .scalar(text, isQuoted: scalar.style != YAML_PLAIN_SCALAR_STYLE)
        case YAML_SEQUENCE_NODE:
            let items = node.pointee.data.sequence.items
            var elements: [YAMLNode] = []
            var cursor = items.start
            while let item = cursor, item < items.top {
                guard let element = yaml_document_get_node(&document, item.pointee) else { break }
                elements.append(try YAMLNode(copying: element, &document, file: file, depth: depth + 1))
                cursor = item + 1
            }
            content = .sequence(elements)
        default:
            let pairs = node.pointee.data.mapping.pairs
            var members: [(key: String, value: YAMLNode)] = []
            var cursor = pairs.start
            while let pair = cursor, pair < pairs.top {
                guard let key = yaml_document_get_node(&document, pair.pointee.key),
                    let value = yaml_document_get_node(&document, pair.pointee.value)
                else { break }
                let name = try YAMLNode(copying: key, &document, file: file, depth: depth + 1)
                guard case .scalar(let text, _) = name.content else {
                    throw .badScenario(file: file, line: name.line, message: "a key must be a word")
                }
                members.append((text, try YAMLNode(copying: value, &document, file: file, depth: depth + 1)))
                cursor = pair + 1
            }
            content = .mapping(members)
        }
    }

    /// The node as a JSON value, by YAML's core schema.
    var json: JSONValue {
        switch content {
        case .scalar(let text, isQuoted: true): .string(text)
        case .scalar(let text, isQuoted: false):
            switch text {
            case "", "~", "null": .null
            case "true": .bool(true)
            case "false": .bool(false)
            default: Int64(text).map { .integer($0) } ?? Double(text).map { .number($0) } ?? .string(text)
            }
        case .sequence(let elements): .array(elements.map(\.json))
        case .mapping(let members):
            .object(
                members.reduce(into: JSONObject()) { object, member in object[member.key] = member.value.json },
            )
        }
    }
}
