// SPDX-License-Identifier: Apache-2.0
// The one file that touches libyaml's pointers.
internal import CYAML

/// Reads one YAML document into a tree through libyaml's events.
struct YAMLParser {
    /// Aliases multiply what they name: past so many values a document is a trap.
    private static let valueLimit = 5_000_000
    private static let depthLimit = 64

    /// The tree of the document and what is wrong with it beside: keys given twice. Nil for an empty document.
    ///
    /// - Throws: the first thing that keeps the text from being read at all.
    static func parse(_ octets: [UInt8]) throws(YAMLProblem) -> (root: YAMLNode?, problems: [YAMLProblem]) {
        // libyaml keeps a pointer to the parser in none of its parts, but it must not move while it is in use.
        let raw = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
        defer { raw.deallocate() }
        guard yaml_parser_initialize(raw) == 1 else {
            throw YAMLProblem(mark: YAMLMark(line: 1, column: 1), message: "out of memory")
        }
        defer { yaml_parser_delete(raw) }
        let result = octets.withUnsafeBufferPointer { buffer -> Result<(YAMLNode?, [YAMLProblem]), YAMLProblem> in
            yaml_parser_set_input_string(raw, buffer.baseAddress, buffer.count)
            var parser = YAMLParser(raw: raw)
            do throws(YAMLProblem) {
                return .success((try parser.document(), parser.problems))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    private let raw: UnsafeMutablePointer<yaml_parser_t>
    private var anchors: [String: (node: YAMLNode, count: Int)] = [:]
    private var problems: [YAMLProblem] = []
    private var count = 0

    private init(raw: UnsafeMutablePointer<yaml_parser_t>) {
        self.raw = raw
    }

    private mutating func document() throws(YAMLProblem) -> YAMLNode? {
        while true {
            let event = try next()
            switch event.kind {
            case .streamStart, .documentStart: continue
            case .streamEnd: return nil
            default:
                let root = try node(event, depth: 0)
                _ = try next()
                let after = try next()
                guard case .streamEnd = after.kind else {
                    throw YAMLProblem(mark: after.mark, message: "a second document begins; expected one document")
                }
                return root
            }
        }
    }

    private mutating func node(_ event: Event, depth: Int) throws(YAMLProblem) -> YAMLNode {
        guard depth < Self.depthLimit else {
            throw YAMLProblem(mark: event.mark, message: "values are nested deeper than \(Self.depthLimit) levels")
        }
        let before = count
        try add(1, at: event.mark)
        let content: YAMLNode.Content
        switch event.kind {
        case .alias(let name):
            guard let target = anchors[name] else {
                throw YAMLProblem(mark: event.mark, message: "the alias *\(name) names no finished anchor &\(name)")
            }
            try add(target.count, at: event.mark)
            return target.node
        case .scalar(let text, let style): content = .scalar(text, style)
        case .sequenceStart: content = .sequence(try elements(depth: depth + 1))
        case .mappingStart: content = .mapping(try members(depth: depth + 1))
        default: throw YAMLProblem(mark: event.mark, message: "expected a value")
        }
        let node = YAMLNode(content: content, mark: event.mark)
        if let anchor = event.anchor { anchors[anchor] = (node, count - before) }
        return node
    }

    private mutating func elements(depth: Int) throws(YAMLProblem) -> [YAMLNode] {
        var elements: [YAMLNode] = []
        while true {
            let event = try next()
            if case .sequenceEnd = event.kind { return elements }
            elements.append(try node(event, depth: depth))
        }
    }

    private mutating func members(depth: Int) throws(YAMLProblem) -> [YAMLNode.Member] {
        var members: [YAMLNode.Member] = []
        var lines: [String: Int] = [:]
        var merged: [YAMLNode.Member] = []
        while true {
            let event = try next()
            if case .mappingEnd = event.kind { break }
            guard case .scalar(let key, let style) = event.kind else {
                throw YAMLProblem(mark: event.mark, message: "a list or a group stands where a key is expected")
            }
            let value = try node(try next(), depth: depth)
            if key == "<<", style == .plain {
                merged += try mergedMembers(of: value)
            } else if let line = lines[key] {
                problems.append(
                    YAMLProblem(mark: event.mark, message: "the key \(key) is given twice, first on line \(line)")
                )
            } else {
                lines[key] = event.mark.line
                members.append(YAMLNode.Member(key: key, keyMark: event.mark, value: value))
            }
        }
        // What a mapping says itself comes before what it takes over, and the first it takes over before the next.
        for member in merged where lines[member.key] == nil {
            lines[member.key] = member.keyMark.line
            members.append(member)
        }
        return members
    }

    private func mergedMembers(of value: YAMLNode) throws(YAMLProblem) -> [YAMLNode.Member] {
        switch value.content {
        case .mapping(let members): return members
        case .sequence(let elements):
            var members: [YAMLNode.Member] = []
            for element in elements { members += try mergedMembers(of: element) }
            return members
        case .scalar:
            throw YAMLProblem(mark: value.mark, message: "<<: takes over a group of keys; found a single value")
        }
    }

    private mutating func add(_ values: Int, at mark: YAMLMark) throws(YAMLProblem) {
        count += values
        guard count <= Self.valueLimit else {
            throw YAMLProblem(mark: mark, message: "the document holds more than \(Self.valueLimit) values")
        }
    }

    // MARK: Events

    private struct Event {
        enum Kind {
            case streamStart, documentStart, documentEnd, streamEnd
            case alias(String)
            case scalar(String, YAMLNode.Style)
            case sequenceStart, sequenceEnd, mappingStart, mappingEnd
        }

        var kind: Kind
        var anchor: String?
        var mark: YAMLMark
    }

    private func next() throws(YAMLProblem) -> Event {
        var event = yaml_event_t()
        guard yaml_parser_parse(raw, &event) == 1 else { throw failure }
        // The event owns its texts: they are copied before it goes.
        defer { yaml_event_delete(&event) }
        let mark = YAMLMark(event.start_mark)
        let kind: Event.Kind
        var anchor: UnsafeMutablePointer<yaml_char_t>?
        var tag: UnsafeMutablePointer<yaml_char_t>?
        switch event.type {
        case YAML_STREAM_START_EVENT: kind = .streamStart
        case YAML_DOCUMENT_START_EVENT: kind = .documentStart
        case YAML_DOCUMENT_END_EVENT: kind = .documentEnd
        case YAML_ALIAS_EVENT: kind = .alias(Self.text(event.data.alias.anchor) ?? "")
        case YAML_SCALAR_EVENT:
            let scalar = event.data.scalar
            anchor = scalar.anchor
            tag = scalar.tag
            let octets = UnsafeBufferPointer(start: scalar.value, count: scalar.length)
            let isPlain = scalar.style == YAML_PLAIN_SCALAR_STYLE && scalar.tag == nil
            kind = .scalar(String(decoding: octets, as: UTF8.self), isPlain ? .plain : .text)
        case YAML_SEQUENCE_START_EVENT:
            anchor = event.data.sequence_start.anchor
            tag = event.data.sequence_start.tag
            kind = .sequenceStart
        case YAML_SEQUENCE_END_EVENT: kind = .sequenceEnd
        case YAML_MAPPING_START_EVENT:
            anchor = event.data.mapping_start.anchor
            tag = event.data.mapping_start.tag
            kind = .mappingStart
        case YAML_MAPPING_END_EVENT: kind = .mappingEnd
        default: kind = .streamEnd
        }
        if let tag = Self.text(tag), !["!", "tag:yaml.org,2002:str"].contains(tag) {
            throw YAMLProblem(mark: mark, message: "the tag \(tag) is not known; write the value without it")
        }
        return Event(kind: kind, anchor: Self.text(anchor), mark: mark)
    }

    private static func text(_ characters: UnsafeMutablePointer<yaml_char_t>?) -> String? {
        guard let characters else { return nil }
        return String(decodingCString: characters, as: UTF8.self)
    }

    /// What libyaml says of the text, and where.
    private var failure: YAMLProblem {
        let problem = raw.pointee.problem.map { String(cString: $0) } ?? "it cannot be read"
        guard raw.pointee.error == YAML_SCANNER_ERROR || raw.pointee.error == YAML_PARSER_ERROR else {
            // A fault of the encoding has an offset and no mark.
            let offset = raw.pointee.problem_offset
            return YAMLProblem(mark: YAMLMark(raw.pointee.mark), message: "not YAML: \(problem) at octet \(offset)")
        }
        let context = raw.pointee.context.map { ", " + String(cString: $0) } ?? ""
        return YAMLProblem(mark: YAMLMark(raw.pointee.problem_mark), message: "not YAML: \(problem)\(context)")
    }
}

extension YAMLMark {
    fileprivate init(_ mark: yaml_mark_t) {
        self.init(line: Int(mark.line) + 1, column: Int(mark.column) + 1)
    }
}
