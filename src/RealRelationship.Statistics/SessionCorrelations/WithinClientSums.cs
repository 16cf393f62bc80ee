namespace RealRelationship.Statistics.SessionCorrelations;

/// <summary>What is summed over clients with at least two paired sessions, x and y centred on the client's own means: enough for the correlation within
/// clients, as it is and with shared trends partialled out. Sums of disjoint sets of clients add.</summary>
public sealed class WithinClientSums
{
    private const double MinEffectiveClients = 3;

    private readonly int _variables;
    private readonly double _observations;
    private readonly double _clients;
    private readonly double[] _crossProducts;
    private readonly double[] _outerProducts;

    /// <summary>Takes the sums. Without clients all are zero.</summary>
    /// <param name="variables">x, y, then the variables partialled out (session number; alliance): at least 2.</param>
    /// <param name="observations">N, paired sessions: at least two a client.</param>
    /// <param name="clients">How many.</param>
    /// <param name="crossProducts">S = Σᵢ mᵢ, mᵢ being client i's cross-products of deviations from the client's means: upper triangle, row by row,
    /// v(v + 1)/2 elements.</param>
    /// <param name="outerProducts">Σᵢ mᵢmᵢ′ of these packed cross-products: upper triangle, row by row, q(q + 1)/2 elements with q = v(v + 1)/2.</param>
    /// <exception cref="ArgumentException">A length is wrong, or a number not finite.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There are fewer than two variables,
    /// fewer than no clients or fewer than two observations a client.</exception>
    public WithinClientSums(int variables, double observations, double clients, ReadOnlySpan<double> crossProducts, ReadOnlySpan<double> outerProducts)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(variables, 2);
        Guard.InRange(clients >= 0, clients, nameof(clients), "A number of clients is not negative.");
        Guard.InRange(observations >= 2 * clients, observations, nameof(observations), "Every client has at least two observations.");
        RequireShape(crossProducts, PackedMatrix.Length(variables), nameof(crossProducts));
        RequireShape(outerProducts, PackedMatrix.Length(crossProducts.Length), nameof(outerProducts));
        (_variables, _observations, _clients) = (variables, observations, clients);
        (_crossProducts, _outerProducts) = ([.. crossProducts], [.. outerProducts]);
    }

    /// <summary>Degrees of freedom of the raw correlation, N − clients − 1.</summary>
    public double RawDegreesOfFreedom => _observations - _clients - 1;

    /// <summary>Degrees of freedom of the partial correlation: one fewer for every variable partialled out. Its standard error has others,
    /// see <see cref="Detrended"/>.</summary>
    public double DetrendedDegreesOfFreedom => RawDegreesOfFreedom - (_variables - 2);

    /// <summary>The repeated-measures correlation of x and y (Bland and Altman 1995, BMJ 310; Bakdash and Marusich 2017, Frontiers in Psychology 8):
    /// df = N − clients − 1, var z = 1/(df − 1), interval by the normal quantile, p by t on df. Agrees with R's rmcorr.
    /// Wherever x and y share a trend over sessions it is not 0.</summary>
    /// <param name="confidence">Of the interval, strictly between 0 and 1.</param>
    /// <returns>Null where x or y has no variance, df is below 2, or r is ±1.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="confidence"/> is out of its range.</exception>
    public SessionCorrelation? Raw(double confidence)
    {
        SessionCorrelation.RequireConfidence(confidence);
        double[] xy = [_crossProducts[0], _crossProducts[1], _crossProducts[_variables]];
        return Residuals.Of(xy, [xy[0], xy[2]]) is { } residuals ? SessionCorrelation.FromNormal(residuals.R, RawDegreesOfFreedom, confidence) : null;
    }

    /// <summary>The correlation of x and y with everything from the third variable on partialled out within clients,
    /// its standard error robust to whatever binds the sessions of one client (autocorrelation, slopes of their own).</summary>
    /// <remarks>
    /// <para>Delta method over clients: r(S) is homogeneous of degree 0, so client i moves it by uᵢ = ∇r·mᵢ with Σuᵢ = 0, and Σuᵢ² is the sandwich of
    /// Liang and Zeger 1986, Biometrika 73. For normal, independent sessions its mean is (1 − 1/c − 3/n)/n, where n = df + 1 and c,
    /// the effective number of clients, is (Σνᵢ)²/Σνᵢ² of their own degrees of freedom; it is therefore multiplied by c/(c − 1) · n²/((n − 2)(n − 3)), so that
    /// its mean is 1/(df − 1), as of <see cref="Raw"/>.</para>
    /// <para>c is estimated by Σ eᵢ(xx) eᵢ(yy)/(S(xx) S(yy)) − 2r²/n = 1/c on the residuals, at most the clients.
    /// The t distribution has c − 1 degrees of freedom (clients − 1 would be too many where a few clients have most of the sessions).</para>
    /// </remarks>
    /// <param name="confidence">Of the interval, strictly between 0 and 1.</param>
    /// <returns>Null if a variable has no variance, c is below 3, <see cref="DetrendedDegreesOfFreedom"/> is not above 2, or r is ±1.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="confidence"/> is out of its range.</exception>
    public SessionCorrelation? Detrended(double confidence)
    {
        SessionCorrelation.RequireConfidence(confidence);
        double[] scale = [.. Enumerable.Range(0, _variables).Select(i => _crossProducts[PackedMatrix.Index(_variables, i, i)])];
        var n = DetrendedDegreesOfFreedom + 1;
        if (!(n > 3) || Residuals.Of(_crossProducts, scale) is not { } residuals || EffectiveClients(residuals, n) is not (>= MinEffectiveClients and var c))
        {
            return null;
        }
        var gradient = Gradient(residuals);
        var slope = 1 / ((1 - residuals.R) * (1 + residuals.R)); // dz/dr
        var variance = slope * slope * PackedMatrix.BilinearForm(gradient, _outerProducts, gradient) * c / (c - 1) * n / (n - 2) * n / (n - 3);
        return SessionCorrelation.FromRobust(residuals.R, Math.Sqrt(variance), c - 1, confidence);
    }

    private double EffectiveClients(Residuals residuals, double n)
    {
        var (x, y) = (PackedMatrix.BilinearCoefficients(residuals.X, residuals.X), PackedMatrix.BilinearCoefficients(residuals.Y, residuals.Y));
        var share = PackedMatrix.BilinearForm(x, _outerProducts, y) / residuals.XX / residuals.YY - 2 * residuals.R * residuals.R / n;
        return share > 1 / _clients ? 1 / share : _clients;
    }

    /// <summary>∂r/∂S. As the residuals are those of least squares, the slopes may be held fixed.</summary>
    private static double[] Gradient(Residuals residuals)
    {
        var (x, y) = (PackedMatrix.BilinearCoefficients(residuals.X, residuals.X), PackedMatrix.BilinearCoefficients(residuals.Y, residuals.Y));
        var gradient = PackedMatrix.BilinearCoefficients(residuals.X, residuals.Y);
        var root = Math.Sqrt(residuals.XX) * Math.Sqrt(residuals.YY);
        for (var i = 0; i < gradient.Length; i++)
        {
            gradient[i] = gradient[i] / root - residuals.R / 2 * (x[i] / residuals.XX + y[i] / residuals.YY);
        }
        return gradient;
    }

    private static void RequireShape(ReadOnlySpan<double> values, int length, string parameter)
    {
        if (values.Length != length)
        {
            throw new ArgumentException($"There are {values.Length} elements, not {length}.", parameter);
        }
        if (!values.AllFinite())
        {
            throw new ArgumentException("A sum is not finite.", parameter);
        }
    }
}
