package io.canaryjudge.analysis.policy;

/**
 * Something that a valid policy would probably not do as it was meant.
 *
 * @param path path of the value in the keys of a policy file: {@code deadline}
 * @param consequence what follows from it, in plain words and with figures
 */
public record PolicyWarning(String path, String consequence) {}
