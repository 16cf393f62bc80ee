using Microsoft.Extensions.Options;

namespace RealRelationshipApi.Security;

/// <summary>Access without a key, by settings and environment.</summary>
internal sealed class AccessPolicy(IOptions<AccessOptions> options, IHostEnvironment environment)
{
    public bool AllowsAnonymous => options.Value.Anonymous ?? environment.IsDevelopment();

    public bool AllowsPublicRead => options.Value.PublicRead;

    public bool IsDevelopment => environment.IsDevelopment();
}
