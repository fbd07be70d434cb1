package io.canaryjudge.server.notify;

/** What a message looks like. */
public enum Form {
  /** A CloudEvent 1.0 in HTTP binary mode: attributes as headers, the facts as body. */
  CLOUDEVENTS,

  /** A CloudEvent 1.0 in HTTP structured mode: all of it in the body. */
  CLOUDEVENTS_STRUCTURED,

  /** A CDEvent 0.5.1, carried by a CloudEvent in HTTP binary mode. */
  CDEVENTS,

  /** A message for an incoming webhook of Slack. */
  SLACK,

  /** An Adaptive Card for a workflow webhook of Microsoft Teams. */
  TEAMS
}
