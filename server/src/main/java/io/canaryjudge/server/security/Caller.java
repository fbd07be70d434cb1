package io.canaryjudge.server.security;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;

/**
 * Who makes a call.
 *
 * @param name what is recorded as creator and in the audit: the name of a token, the name in a
 *     client certificate, or empty where callers are not asked who they are
 * @param permissions what they may do
 */
public record Caller(String name, Set<Permission> permissions) {

  /** Copies the permissions. */
  public Caller {
    EnumSet<Permission> inOrder = EnumSet.noneOf(Permission.class);
    inOrder.addAll(permissions);
    permissions = Collections.unmodifiableSet(inOrder);
  }

  /** Somebody on a server that does not ask for credentials: may do everything. */
  public static Caller anonymous() {
    return new Caller("", EnumSet.allOf(Permission.class));
  }

  /** Whether they may do what needs {@code permission}. */
  public boolean may(Permission permission) {
    return permissions.contains(permission);
  }
}
