// SPDX-License-Identifier: Apache-2.0
import TTNMessages
import Testing

@Suite struct TopicTests {
    @Test func `topics are those of the two formats`() throws {
        let topics = try TopicSpace(tenant: "ttn")
        #expect(topics.v2("orchard", "probe-7", "up") == "orchard/devices/probe-7/up")
        #expect(topics.v2Event("orchard", "imported") == "orchard/events/imported")
        #expect(topics.v3("orchard", "probe-7", "up") == "v3/orchard@ttn/devices/probe-7/up")
        #expect(topics.adminUplinkErrors == "admin/events/up/errors")
        #expect(try TopicSpace().v3("orchard", "probe-7", "join") == "v3/orchard/devices/probe-7/join")
    }

    @Test(arguments: ["acme/ttn", "acme/ttn/"])
    func `a prefix stands before every topic and filter`(prefix: String) throws {
        let topics = try TopicSpace(prefix: prefix, tenant: "ttn")
        #expect(topics.v2("orchard", "probe-7", "up") == "acme/ttn/orchard/devices/probe-7/up")
        #expect(topics.v2Event("orchard", "imported") == "acme/ttn/orchard/events/imported")
        #expect(topics.v3("orchard", "probe-7", "up") == "acme/ttn/v3/orchard@ttn/devices/probe-7/up")
        #expect(topics.adminUplinkErrors == "acme/ttn/admin/events/up/errors")
        #expect(
            topics.requestFilters(for: [.v2, .v3]) == [
                "acme/ttn/+/devices/+/down", "acme/ttn/v3/+/devices/+/down/push",
                "acme/ttn/v3/+/devices/+/down/replace",
            ],
        )
        let request = try #require(topics.requestTopic("acme/ttn/orchard/devices/probe-7/down"))
        #expect(request == RequestTopic(applicationID: "orchard", deviceID: "probe-7", action: .down))
        #expect(topics.requestTopic("orchard/devices/probe-7/down") == nil)
    }

    @Test func `filters are only those of the formats switched on`() throws {
        let topics = try TopicSpace()
        #expect(topics.requestFilters(for: [.v2]) == ["+/devices/+/down"])
        #expect(topics.requestFilters(for: [.v3]) == ["v3/+/devices/+/down/push", "v3/+/devices/+/down/replace"])
    }

    @Test(arguments: ["a/+", "#", "$SYS", "a\u{0}b"])
    func `a prefix that no topic can have is refused`(prefix: String) {
        #expect(throws: TopicError.prefix(prefix)) { try TopicSpace(prefix: prefix) }
    }

    @Test func `a tenant that is no id is refused`() {
        #expect(throws: TopicError.tenant("T_N")) { try TopicSpace(tenant: "T_N") }
    }

    @Test func `a request's topic gives the names as they were used`() throws {
        let topics = try TopicSpace(tenant: "ttn")
        #expect(
            topics.requestTopic("No Such/devices/A.B/down")
                == RequestTopic(applicationID: "No Such", deviceID: "A.B", action: .down),
        )
        #expect(
            topics.requestTopic("v3/orchard@ttn/devices/probe-7/down/push")
                == RequestTopic(applicationID: "orchard", deviceID: "probe-7", action: .push),
        )
        #expect(
            topics.requestTopic("v3/orchard@ttn/devices/probe-7/down/replace")
                == RequestTopic(applicationID: "orchard", deviceID: "probe-7", action: .replace),
        )
    }

    @Test func `a v3 request tells whose tenant it means`() throws {
        let ours = try TopicSpace(tenant: "ttn")
        #expect(ours.requestTopic("v3/orchard@ttn/devices/p/down/push")?.tenant == .own)
        #expect(ours.requestTopic("v3/orchard/devices/p/down/push")?.tenant == .missing)
        #expect(ours.requestTopic("v3/orchard@eu2/devices/p/down/push")?.tenant == .foreign("eu2"))
        let open = try TopicSpace()
        #expect(open.requestTopic("v3/orchard/devices/p/down/push")?.tenant == .own)
        #expect(open.requestTopic("v3/orchard@ttn/devices/p/down/push")?.tenant == .foreign("ttn"))
    }

    @Test(arguments: [
        "orchard/devices/probe-7/up", "orchard/devices/probe-7/down/", "orchard/probes/probe-7/down",
        "v3/orchard@ttn/devices/probe-7/down/queued", "v3/orchard@ttn/devices/probe-7/down",
        "v2/orchard/devices/probe-7/down/push", "", "/",
    ])
    func `no other topic is a request`(topic: String) throws {
        #expect(try TopicSpace(tenant: "ttn").requestTopic(topic) == nil)
    }
}
