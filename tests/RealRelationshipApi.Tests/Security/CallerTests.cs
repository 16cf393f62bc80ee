using RealRelationshipApi.Security;

namespace RealRelationshipApi.Tests.Security;

public sealed class CallerTests
{
    [Theory]
    [InlineData("development", "", true)]
    [InlineData("development", "key-1", false)]
    [InlineData("public", "", false)]
    [InlineData("north", "key-1", false)]
    public void Only_local_callers_without_a_key_escape_rate_limit_and_audit(string tenant, string actor, bool isExempt) =>
        Assert.Equal(isExempt, Caller.CreatePrincipal("test", tenant, Scopes.All, actor).IsLocalWithoutKey());

    [Fact]
    public void A_caller_who_is_not_authenticated_is_not_local() => Assert.False(new System.Security.Claims.ClaimsPrincipal().IsLocalWithoutKey());
}
