namespace RealRelationshipApi.Http.Problems;

/// <summary>A service that a request depends on, such as the token issuer, cannot be reached. Mapped to 503.</summary>
internal sealed class DependencyUnavailableException(string message, Exception? inner = null) : Exception(message, inner)
{
    public DependencyUnavailableException() : this("A service that this one depends on cannot be reached.") { }

    public DependencyUnavailableException(string message) : this(message, null) { }
}
