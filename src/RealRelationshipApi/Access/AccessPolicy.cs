using Microsoft.Extensions.Options;

namespace RealRelationshipApi.Access;

/// <summary>Who may come in, from the settings and the environment.</summary>
public sealed class AccessPolicy(IOptions<AccessOptions> options, IHostEnvironment environment)
{
    public bool AllowsAnonymous => options.Value.Anonymous ?? environment.IsDevelopment();

    public bool AllowsPublicRead => options.Value.PublicRead;

    public bool IsDevelopment => environment.IsDevelopment();
}

/// <summary>The settings would leave the door open, or let nobody in; the message says what to set.</summary>
public sealed class StartRefusedException(string message) : Exception(message)
{
    public StartRefusedException() : this("The service will not start with these settings.") { }

    public StartRefusedException(string message, Exception inner) : this(message) => _ = inner;
}
