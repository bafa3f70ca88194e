// SPDX-License-Identifier: Apache-2.0

/// The Things Stack's names of frequency plans, as far as they tell a region.
enum FrequencyPlan {
    /// What a plan's name begins with, its region, and the name that is written for it. Longer beginnings first.
    private static let table: [(beginning: String, region: String, name: String)] = [
        ("EU_863_870", "EU868", "EU_863_870_TTN"),
        ("EU_433", "EU433", "EU_433"),
        ("US_902_928", "US915", "US_902_928_FSB_2"),
        ("AU_915_928", "AU915", "AU_915_928_FSB_2"),
        ("CN_470_510", "CN470", "CN_470_510_FSB_11"),
        ("AS_923_2", "AS923-2", "AS_923_2"),
        ("AS_923_3", "AS923-3", "AS_923_3"),
        ("AS_923_4", "AS923-4", "AS_923_4"),
        ("AS_915_921", "AS923-3", "AS_923_3"),
        ("AS_917_920", "AS923-4", "AS_923_4"),
        ("AS_", "AS923-1", "AS_923"),
        ("KR_920_923", "KR920", "KR_920_923_TTN"),
        ("IN_865_867", "IN865", "IN_865_867"),
        ("RU_864_870", "RU864", "RU_864_870_TTN"),
    ]

    static func region(of plan: String) -> String? {
        table.first { plan.hasPrefix($0.beginning) }?.region
    }

    static func name(of region: String) -> String {
        table.first { $0.region == region }?.name ?? region
    }
}
