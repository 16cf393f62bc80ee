using System.Text.Json;

using RealRelationship.Storage;
using RealRelationship.Storage.Encryption;

using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Tests.Http.Problems;

public sealed class ExceptionHandlingTests
{
    private static readonly InvalidOperationException s_cause = new("the cause");

    [Fact]
    public void An_unreachable_dependency_is_503_with_its_message()
    {
        var problem = ExceptionHandling.ToProblem(new DependencyUnavailableException("The issuer is gone.", s_cause));
        Assert.Equal((ProblemKind.Unavailable, "The issuer is gone."), (problem.Kind, problem.Detail));
    }

    [Theory]
    [InlineData(StorageErrorKind.Transient, "The store cannot be reached.")]
    [InlineData(StorageErrorKind.AccessRefused, "The store cannot be reached.")]
    [InlineData(StorageErrorKind.NotWritable, "The store cannot be written.")]
    [InlineData(StorageErrorKind.Corrupted, "The store is damaged.")]
    public void A_failure_of_the_store_is_503_and_says_which(StorageErrorKind kind, string detail)
    {
        var problem = ExceptionHandling.ToProblem(kind, s_cause);
        Assert.Equal((ProblemKind.Unavailable, detail), (problem.Kind, problem.Detail));
    }

    [Fact]
    public void An_unknown_failure_is_500_without_its_message()
    {
        var problem = ExceptionHandling.ToProblem(s_cause);
        Assert.Equal((ProblemKind.Internal, null), (problem.Kind, problem.Detail));
    }

    [Fact]
    public void Exceptions_have_their_cause() => Assert.All<Exception>(
        [
            new DependencyUnavailableException("", s_cause), new InvalidJsonValueException("", s_cause), new StorageUnavailableException("", s_cause),
            new StorageCorruptionException("", s_cause), new StoragePreconditionException("", s_cause), new StartupConfigurationException("", s_cause),
        ], error => Assert.Same(s_cause, error.InnerException));

    [Fact]
    public void A_value_that_is_not_allowed_is_malformed_JSON() =>
        Assert.Equal("must be odd", Assert.Single(ExceptionHandling.ToProblem((JsonException)new InvalidJsonValueException("must be odd")).Errors).Detail);
}
