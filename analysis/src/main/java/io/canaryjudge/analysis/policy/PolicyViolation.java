package io.canaryjudge.analysis.policy;

/**
 * One value of a policy that cannot be judged by.
 *
 * @param path path of the value in the keys of a policy file: {@code
 *     metrics[0].thresholds[1].relative}
 * @param came the value, as text
 * @param expected what is accepted instead: {@code in (0, 0.5]}
 */
public record PolicyViolation(String path, String came, String expected) {}
