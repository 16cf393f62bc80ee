namespace RealRelationship.Statistics;

/// <summary>Makes the computations of the current thread end when a token is cancelled. Evaluations of a likelihood, replicates, deletions and the loops of
/// decompositions look at the token, so that a computation ends within about 10 ms of work.</summary>
/// <example><code>
/// using (new CancellationScope(token))
/// {
///     var fit = RandomEffectsModel.Fit(estimates, variances); // throws OperationCanceledException once the token is cancelled
/// }
/// </code></example>
/// <remarks>A scope holds for the thread that made it, until it is disposed of there; scopes can be nested, and the innermost holds.</remarks>
public sealed class CancellationScope : IDisposable
{
    [ThreadStatic]
    private static CancellationToken t_token;

    private readonly CancellationToken _outer;

    /// <summary>Begins a scope of the current thread.</summary>
    /// <param name="token">The token that ends its computations.</param>
    public CancellationScope(CancellationToken token)
    {
        _outer = t_token;
        t_token = token;
    }

    /// <summary>Ends a computation of the current scope that is cancelled; for loops around the methods of this library.</summary>
    /// <exception cref="OperationCanceledException">The token of the current scope is cancelled.</exception>
    public static void ThrowIfCancelled() => t_token.ThrowIfCancellationRequested();

    /// <summary>Looks at the token at every 64th row, where a row alone takes no more than microseconds.</summary>
    /// <inheritdoc cref="ThrowIfCancelled()"/>
    public static void ThrowIfCancelled(int row)
    {
        if ((row & 63) == 0)
        {
            t_token.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Ends the scope; the outer one holds again.</summary>
    public void Dispose() => t_token = _outer;
}
