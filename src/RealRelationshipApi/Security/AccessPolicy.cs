using Microsoft.Extensions.Options;

namespace RealRelationshipApi.Security;

/// <summary>Who may come in, from the settings and the environment.</summary>
public sealed class AccessPolicy(IOptions<AccessOptions> options, IHostEnvironment environment)
{
    public bool AllowsAnonymous => options.Value.Anonymous ?? environment.IsDevelopment();

    public bool AllowsPublicRead => options.Value.PublicRead;

    public bool IsDevelopment => environment.IsDevelopment();
}
