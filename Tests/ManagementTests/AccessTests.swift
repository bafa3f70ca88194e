// SPDX-License-Identifier: Apache-2.0
import JSON
import Management
import Testing

@Suite struct AccessTests {
    private func rules(_ rights: AccessRight...) -> [AccessRule] {
        AccessRule.rules(of: rights, applicationID: "app", prefix: "", tenant: "ttn")
    }

    @Test("each right opens its own topics and no others")
    func rights() {
        #expect(rules(.readMessages).filter { $0.direction == .write } == [AccessRule(.write, "app/request/events")])
        #expect(rules(.readMessages).contains(AccessRule(.read, "app/devices/+/up")))
        #expect(rules(.readMessages).contains(AccessRule(.read, "v3/app@ttn/devices/+/up")))
        #expect(rules(.writeMessages).contains(AccessRule(.write, "app/devices/+/down")))
        #expect(!rules(.writeMessages).contains { $0.direction == .read && !$0.filter.contains("/response/") })
        #expect(rules(.devices).contains(AccessRule(.write, "app/request/register_device")))
        #expect(!rules(.devices).contains(AccessRule(.write, "app/request/unregister")))
        #expect(rules(.settings).contains(AccessRule(.write, "app/request/unregister")))
        #expect(!rules(.settings).contains(AccessRule(.write, "app/request/register_device")))
        #expect(rules(.devices).contains(AccessRule(.hidden, "app/response/keys/#")))
        #expect(!rules(.devices, .deviceKeys).contains { $0.direction == .hidden })
        for rule in rules(.readMessages, .writeMessages, .devices, .deviceKeys, .settings) {
            #expect(rule.filter.hasPrefix("app/") || rule.filter.hasPrefix("v3/app@ttn/"))
        }
        let all = Set(rules(.readMessages, .devices, .deviceKeys, .settings, .writeMessages).map(\.filter))
        for method in ApplicationMethod.allCases { #expect(all.contains("app/request/\(method.rawValue)")) }
    }

    @Test("the same rules as lines of a static list")
    func staticList() {
        let lines = AccessRule.staticLines(rules(.devices), user: "app")
        #expect(lines.first == "user app")
        #expect(lines.contains("topic read app/response/+"))
        #expect(!lines.contains { $0.contains("#") || $0.contains("keys") })
        #expect(AccessRule.staticLines(rules(.devices, .deviceKeys), user: "app").contains("topic read app/response/#"))
    }

    @Test("commands to the dynamic security plugin")
    func commands() throws {
        let role = DynamicSecurity.createRole("r", rules(.devices), correlation: "7")
        #expect(role["command"] == "createRole")
        let entries = try #require(role["acls"]?.elements)
        let hidden = entries.filter { $0["allow"] == false }
        #expect(hidden.count == 2)
        #expect(hidden.allSatisfy { $0["priority"] == 10 })
        let message = try JSONValue(parsing: DynamicSecurity.message([role]))
        #expect(message["commands"]?.elements == [role])
    }
}
