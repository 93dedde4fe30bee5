import { type Channel, DURABLES, SERVICES, type ServiceName, TAILS } from '@slipstream/proto';

/** The services that acknowledge each message of a channel, with the durable that they read by. */
export const durablesOf = (
  channel: Channel,
): readonly { readonly service: ServiceName; readonly name: string }[] =>
  DURABLES.filter((durable) => durable.channel.name === channel.name);

/** The services that only keep up with a channel. */
export const tailsOf = (channel: Channel): readonly ServiceName[] =>
  SERVICES.filter((service) => TAILS[service].some((tailed) => tailed.name === channel.name));
