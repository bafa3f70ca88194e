// SPDX-License-Identifier: Apache-2.0

/// A JSON value. Integers keep all 64 bits, signed or unsigned; members of an object keep their order.
public enum JSONValue: Hashable, Sendable {
    case null
    case bool(Bool)
    /// A whole number that fits 64 signed bits.
    case integer(Int64)
    /// A whole number above `Int64.max`.
    case unsigned(UInt64)
    /// Any other number.
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object(JSONObject)
}

/// The members of a JSON object in their order. A name given twice keeps its last value.
public struct JSONObject: Hashable, Sendable, ExpressibleByDictionaryLiteral {
    /// Names and values in order.
    public private(set) var members: [(name: String, value: JSONValue)]
    /// Where each name stands. An object of few members has none: looking through them costs less.
    private var places: [String: Int]?

    /// The most members that are looked through.
    private static let fewMembers = 24

    public init() {
        members = []
    }

    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        members = []
        members.reserveCapacity(elements.count)
        for (name, value) in elements { self[name] = value }
    }

    /// - Parameter members: no two of them have the same name.
    init(distinct members: [(name: String, value: JSONValue)]) {
        self.members = members
        if members.count > Self.fewMembers { notePlaces() }
    }

    /// The value of a member; setting nil removes it.
    public subscript(name: String) -> JSONValue? {
        get { place(of: name).map { members[$0].value } }
        set {
            if let place = place(of: name) {
                if let newValue {
                    members[place].value = newValue
                } else {
                    members.remove(at: place)
                    if places != nil { notePlaces() }
                }
            } else if let newValue {
                members.append((name, newValue))
                if places != nil {
                    places?[name] = members.count - 1
                } else if members.count > Self.fewMembers {
                    notePlaces()
                }
            }
        }
    }

    private func place(of name: String) -> Int? {
        if let places { return places[name] }
        var place = 0
        while place < members.count {
            if members[place].name == name { return place }
            place += 1
        }
        return nil
    }

    private mutating func notePlaces() {
        var places: [String: Int] = [:]
        places.reserveCapacity(members.count)
        for (place, member) in members.enumerated() { places[member.name] = place }
        self.places = places
    }

    /// Whether there are no members.
    public var isEmpty: Bool { members.isEmpty }

    public static func == (left: JSONObject, right: JSONObject) -> Bool {
        left.members.count == right.members.count && left.members.allSatisfy { right[$0.name] == $0.value }
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(members.count)
        for name in members.map(\.name).sorted() { hasher.combine(name) }
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral, ExpressibleByNilLiteral
{
    public init(stringLiteral value: String) { self = .string(value) }
    public init(integerLiteral value: Int64) { self = .integer(value) }
    public init(floatLiteral value: Double) { self = .number(value) }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    public init(nilLiteral: ()) { self = .null }
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        var object = JSONObject()
        for (name, value) in elements { object[name] = value }
        self = .object(object)
    }
}

extension JSONValue {
    /// The member of that name when this is an object that has it.
    public subscript(name: String) -> JSONValue? {
        guard case .object(let object) = self else { return nil }
        return object[name]
    }

    /// The text of a string.
    public var text: String? {
        if case .string(let text) = self { text } else { nil }
    }

    /// The truth of a boolean.
    public var boolean: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    /// A whole number that fits 64 signed bits, also when written as `3.0`.
    public var wholeNumber: Int64? {
        switch self {
        case .integer(let value): value
        case .number(let value): Int64(exactly: value)
        default: nil
        }
    }

    /// A whole number that fits 64 unsigned bits.
    public var unsignedNumber: UInt64? {
        switch self {
        case .integer(let value): UInt64(exactly: value)
        case .unsigned(let value): value
        case .number(let value): UInt64(exactly: value)
        default: nil
        }
    }

    /// Any number as a double.
    public var double: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .unsigned(let value): Double(value)
        case .number(let value): value
        default: nil
        }
    }

    /// The elements of an array.
    public var elements: [JSONValue]? {
        if case .array(let elements) = self { elements } else { nil }
    }

    /// The members of an object.
    public var object: JSONObject? {
        if case .object(let object) = self { object } else { nil }
    }
}
