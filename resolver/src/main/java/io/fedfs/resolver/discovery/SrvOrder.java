package io.fedfs.resolver.discovery;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/**
 * The order in which targets are tried (RFC 2782, "Usage rules"): by priority; among equals each next one is drawn with a
 * chance in proportion to its weight, those of weight 0 placed first so that they have a small one.
 */
final class SrvOrder {
    private SrvOrder() {}

    static List<Srv> of(List<Srv> records, RandomGenerator random) {
        TreeMap<Integer, List<Srv>> byPriority = new TreeMap<>();
        for (Srv record : records) {
            byPriority
                    .computeIfAbsent(record.priority(), p -> new ArrayList<>())
                    .add(record);
        }
        List<Srv> order = new ArrayList<>(records.size());
        for (List<Srv> equals : byPriority.values()) {
            equals.sort(Comparator.comparingInt(Srv::weight));
            while (!equals.isEmpty()) {
                order.add(equals.remove(draw(equals, random)));
            }
        }
        return order;
    }

    private static int draw(List<Srv> records, RandomGenerator random) {
        int sum = records.stream().mapToInt(Srv::weight).sum();
        int chosen = random.nextInt(sum + 1);
        int running = 0;
        for (int i = 0; i < records.size(); i++) {
            running += records.get(i).weight();
            if (running >= chosen) {
                return i;
            }
        }
        return records.size() - 1;
    }
}
