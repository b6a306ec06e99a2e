/** Measurements inside one JVM, by JMH; {@code scripts/bench --only resolver} runs them. What programs see is measured by {@code scripts/bench}. */
package io.fedfs.benchmarks;
