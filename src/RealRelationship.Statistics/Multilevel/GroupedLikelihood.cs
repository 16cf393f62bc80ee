using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace RealRelationship.Statistics;

/// <summary><see cref="NestedLikelihood"/> from sufficient statistics, at a fraction of the time.</summary>
/// <remarks>
/// In a sample of m effects with equal sampling variances v, M = d·I + (ρv + σ_b²)·11′ with d = (1 − ρ)v + σ_w². A column a splits into its mean ā and
/// deviations a⊥, for which M is the number λ = d + m(ρv + σ_b²) and the number d, so that
///   a′M⁻ᵏb = m āb̄ λ⁻ᵏ + a⊥′b⊥ d⁻ᵏ, 1′M⁻ᵏa = m ā λ⁻ᵏ, tr M⁻ᵏ = λ⁻ᵏ + (m − 1)d⁻ᵏ, |M| = λ dᵐ⁻¹.
/// Of all samples with the same m and v, therefore, only their number, Σāā′ and Σa⊥a⊥′ count. Samples with several sampling variances,
/// or with correlations by kind of pair, are summed one by one.
/// </remarks>
internal sealed class GroupedLikelihood : INestedLikelihood
{
    private const int ManyVectors = 16;
    private const int Powers = 6;
    private const int DensePoints = 16; // of the grid, where a value of the likelihood costs little
    private const int MaxCheapTerms = 3_000;
    private const double Tiny = 1e-140; // products of determinants outside are replaced by their logarithm
    private const double Huge = 1e140;
    private const int LargestPower = 8; // of one number in such a product, if that is neither small nor large
    private const double Small = 1e-16;
    private const double Large = 1e16;

    private readonly NestedLikelihood _likelihood;
    private readonly NestedData _data;
    private readonly double _rho;
    private readonly int _terms; // of a lower triangle
    private readonly int _vectors;
    private readonly SampleGroup[] _groups;
    private readonly Vector256<double>[] _means; // Σāā′, lower triangles
    private readonly Vector256<double>[] _deviations; // Σa⊥a⊥′
    private readonly int[] _unequal;
    private readonly NestedSample[] _unequalOfMean = []; // the same without moderators

    public GroupedLikelihood(NestedLikelihood likelihood)
    {
        (_likelihood, _data, _rho) = (likelihood, likelihood.Data, likelihood.Rho);
        _terms = _data.Width * (_data.Width + 1) / 2;
        _vectors = (_terms + Vector256<double>.Count - 1) / Vector256<double>.Count;
        var (numbers, groups, unequal) = (new Dictionary<(double, int), int>(), new List<SampleGroup>(), new List<int>());
        var groupOf = new int[_data.Samples];
        for (var s = 0; s < _data.Samples; s++)
        {
            var (from, to) = (_data.Starts[s], _data.Starts[s + 1]);
            if (_data.V[from] != _data.V[to - 1] || (_data.IsTurned && to - from > 1))
            {
                groupOf[s] = -1;
                unequal.Add(s);
                continue;
            }
            ref var number = ref CollectionsMarshal.GetValueRefOrAddDefault(numbers, (_data.V[from], to - from), out var isKnown);
            if (!isKnown)
            {
                number = groups.Count;
                groups.Add(new(_data.V[from], to - from, 0));
            }
            groups[number] = groups[number] with { Samples = groups[number].Samples + 1 };
            groupOf[s] = number;
        }
        (_groups, _unequal) = ([.. groups], [.. unequal]);
        (_means, _deviations) = (new Vector256<double>[_groups.Length * _vectors], new Vector256<double>[_groups.Length * _vectors]);
        AddProducts(groupOf);
        if (_data.Columns == 1 && !_data.IsTurned)
        {
            _unequalOfMean = Array.ConvertAll(_unequal, ToSampleOfMean);
        }
    }

    public int Effects => _data.Effects;

    public double TypicalVariance => _data.V[_data.Effects / 2];

    public double RelativeError => 1e-14;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public NestedLikelihoodPoint At(double between, double within)
    {
        var work = _vectors <= ManyVectors ? stackalloc Vector256<double>[Powers * ManyVectors] : new Vector256<double>[Powers * _vectors];
        work.Clear();
        Span<Vector256<double>> cross = work[.._vectors], square = work.Slice(_vectors, _vectors), second = work.Slice(2 * _vectors, _vectors),
            ones = work.Slice(3 * _vectors, _vectors), weighted = work.Slice(4 * _vectors, _vectors), mixed = work.Slice(5 * _vectors, _vectors);
        var (sums, log, determinant) = (new NestedSums(_data.Width), 0.0, 1.0);
        for (var g = 0; g < _groups.Length; g++)
        {
            CancellationScope.ThrowIfCancelled(g);
            var (v, m, samples) = _groups[g];
            var d = (1 - _rho) * v + within;
            var x = 1 / (d + m * (_rho * v + between)); // 1/λ
            var (nx, y) = (m * x, 0.0);
            var (nx2, nnx, nnx2) = (nx * x, nx * nx, nx * nx * x);
            var means = _means.AsSpan(g * _vectors, _vectors);
            for (var i = 0; i < means.Length; i++)
            {
                var product = means[i];
                cross[i] += nx * product;
                square[i] += nx2 * product;
                second[i] += nx2 * x * product;
                ones[i] += nnx * product;
                weighted[i] += nnx * nx * product;
                mixed[i] += nnx2 * product;
            }
            Multiply(ref determinant, ref log, 1 / x, samples);
            if (m > 1)
            {
                y = 1 / d;
                var (y2, y3) = (y * y, y * y * y);
                var deviations = _deviations.AsSpan(g * _vectors, _vectors);
                for (var i = 0; i < deviations.Length; i++)
                {
                    var product = deviations[i];
                    cross[i] += y * product;
                    square[i] += y2 * product;
                    second[i] += y3 * product;
                }
                Multiply(ref determinant, ref log, d, samples * (m - 1));
            }
            sums.AddTraces(samples * nx, samples * (x + (m - 1) * y), samples * nnx, samples * nx2, samples * (x * x + (m - 1) * y * y));
        }
        AddLower(cross, sums.Cross);
        AddLower(square, sums.Square);
        AddLower(second, sums.Second);
        AddLower(ones, sums.Ones);
        AddLower(weighted, sums.WeightedOnes);
        AddLower(mixed, sums.Mixed);
        return _likelihood.ToPoint(between, within, log + Math.Log(determinant) + AddUnequal(between, within, sums), sums);
    }

    /// <summary>Multiplies a determinant by a power of a number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Multiply(ref double determinant, ref double log, double x, int power)
    {
        if (power > 1 && (power > LargestPower || x is < Small or > Large))
        {
            log += power * Math.Log(x);
            return;
        }
        for (var i = 0; i < power; i++)
        {
            determinant *= x;
        }
        if (determinant is < Tiny or > Huge)
        {
            log += Math.Log(determinant);
            determinant = 1;
        }
    }

    public IEnumerable<(double Between, double Within)> Starts(bool between, bool within)
    {
        var (rows, columns) = Grid(between, within);
        return LikelihoodGrid.Peaks(Array.ConvertAll(rows, row => LogLikelihoods(row, columns))).Select(peak => (columns[peak.Column], rows[peak.Row]));
    }

    /// <summary>Values of σ_w² and of σ_b² on whose grid to look for maxima.</summary>
    private (double[] Within, double[] Between) Grid(bool between, bool within)
    {
        var unequal = _unequal.Sum(s => _data.Starts[s + 1] - _data.Starts[s]);
        var isCheap = _groups.Length + (unequal * _data.Columns) <= MaxCheapTerms;
        var points = !(between && within) ? 40 : isCheap ? DensePoints : LikelihoodGrid.CountPoints(_data.Effects);
        var (lower, upper) = LikelihoodGrid.Range(_data.V.Min(), _rho, _data.LargestResidual);
        return (within ? LikelihoodGrid.Axis(lower, upper, points) : [0], between ? LikelihoodGrid.Axis(lower, upper, points) : [0]);
    }

    /// <summary>The log-likelihood at one σ_w² and many σ_b².</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private double[] LogLikelihoods(double within, double[] between)
    {
        var lanes = new Vector256<double>[(between.Length + Vector256<double>.Count - 1) / Vector256<double>.Count];
        between.CopyTo(MemoryMarshal.Cast<Vector256<double>, double>(lanes.AsSpan()));
        var (logs, cross) = (new Vector256<double>[lanes.Length], new Vector256<double>[lanes.Length * _terms]);
        var shared = new Vector256<double>[_vectors];
        var logShared = SumGroups(within, lanes, between.Max(), logs, cross, shared);
        var width = _data.Width;
        var (lower, logLikelihoods) = (new double[width * width], new double[between.Length]);
        for (var b = 0; b < between.Length; b++)
        {
            var (lane, element) = (b / Vector256<double>.Count, b % Vector256<double>.Count);
            Array.Clear(lower);
            AddLower(shared, lower);
            for (int r = 0, t = 0; r < width; r++)
            {
                for (var c = 0; c <= r; c++, t++)
                {
                    lower[r * width + c] += cross[lane * _terms + t][element];
                }
            }
            var log = logShared + logs[lane][element] + AddUnequalCross(between[b], within, lower);
            logLikelihoods[b] = _likelihood.LogLikelihood(lower, log);
        }
        return logLikelihoods;
    }

    /// <returns>The part of ln|M| that does not depend on σ_b².</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private double SumGroups(
        double within, Vector256<double>[] between, double largest, Vector256<double>[] logs, Vector256<double>[] cross, Vector256<double>[] shared)
    {
        var means = MemoryMarshal.Cast<Vector256<double>, double>(_means.AsSpan());
        var (log, determinants) = (0.0, new Vector256<double>[between.Length]);
        Array.Fill(determinants, Vector256<double>.One);
        for (var g = 0; g < _groups.Length; g++)
        {
            CancellationScope.ThrowIfCancelled(g);
            var (v, m, samples) = _groups[g];
            var d = (1 - _rho) * v + within;
            var products = means.Slice(g * _vectors * Vector256<double>.Count, _terms);
            var least = d + m * _rho * v;
            var isProduct = samples == 1 || (samples <= LargestPower && least > Small && least + m * largest < Large);
            for (var lane = 0; lane < between.Length; lane++)
            {
                var eigenvalue = Vector256.Create(least) + m * between[lane];
                var weight = Vector256.Create((double)m) / eigenvalue;
                if (isProduct)
                {
                    for (var i = 0; i < samples; i++)
                    {
                        determinants[lane] *= eigenvalue;
                    }
                    if (Vector256.LessThanAny(determinants[lane], Vector256.Create(Tiny))
                        || Vector256.GreaterThanAny(determinants[lane], Vector256.Create(Huge)))
                    {
                        logs[lane] += Vector256.Log(determinants[lane]);
                        determinants[lane] = Vector256<double>.One;
                    }
                }
                else
                {
                    logs[lane] += (double)samples * Vector256.Log(eigenvalue);
                }
                var sums = cross.AsSpan(lane * _terms, _terms);
                for (var t = 0; t < products.Length; t++)
                {
                    sums[t] += weight * products[t];
                }
            }
            if (m > 1)
            {
                for (var i = 0; i < shared.Length; i++)
                {
                    shared[i] += 1 / d * _deviations[g * _vectors + i];
                }
                log += samples * (m - 1) * Math.Log(d);
            }
        }
        for (var lane = 0; lane < between.Length; lane++)
        {
            logs[lane] += Vector256.Log(determinants[lane]);
        }
        return log;
    }

    private double AddUnequal(double between, double within, NestedSums sums)
    {
        var log = 0.0;
        if (_unequalOfMean.Length > 0)
        {
            var terms = default(NestedTerms);
            for (var s = 0; s < _unequalOfMean.Length; s++)
            {
                CancellationScope.ThrowIfCancelled(s);
                terms += _unequalOfMean[s].At(between, within);
            }
            terms.AddTo(sums);
            return terms.LogDeterminant;
        }
        for (var s = 0; s < _unequal.Length; s++)
        {
            CancellationScope.ThrowIfCancelled(s);
            log += _likelihood.Add(_unequal[s], between, within, sums);
        }
        return log;
    }

    /// <summary>Adds the cross-products of samples with several sampling variances.</summary>
    /// <returns>Their ln|M|.</returns>
    private double AddUnequalCross(double between, double within, double[] cross)
    {
        if (_unequalOfMean.Length > 0)
        {
            var sums = Vector256<double>.Zero;
            for (var s = 0; s < _unequalOfMean.Length; s++)
            {
                CancellationScope.ThrowIfCancelled(s);
                sums += _unequalOfMean[s].LikelihoodAt(between, within);
            }
            (cross[0], cross[2], cross[3]) = (cross[0] + sums[0], cross[2] + sums[1], cross[3] + sums[2]);
            return sums[3];
        }
        var log = 0.0;
        for (var s = 0; s < _unequal.Length; s++)
        {
            CancellationScope.ThrowIfCancelled(s);
            log += _likelihood.AddCross(_unequal[s], between, within, cross);
        }
        return log;
    }

    private void AddProducts(int[] groupOf)
    {
        var width = _data.Width;
        var mean = new double[width];
        Span<double> means = MemoryMarshal.Cast<Vector256<double>, double>(_means.AsSpan()),
            deviations = MemoryMarshal.Cast<Vector256<double>, double>(_deviations.AsSpan());
        for (var s = 0; s < groupOf.Length; s++)
        {
            CancellationScope.ThrowIfCancelled(s);
            if (groupOf[s] < 0)
            {
                continue;
            }
            var (at, from, m) = (groupOf[s] * _vectors * Vector256<double>.Count, _data.Starts[s], _data.Starts[s + 1] - _data.Starts[s]);
            var rows = _data.Rows.AsSpan(from * width, m * width);
            rows[..width].CopyTo(mean);
            for (var a = 1; a < width && m > 1; a++) // of the intercept it is exactly 1
            {
                var sum = 0.0;
                for (var i = a; i < rows.Length; i += width)
                {
                    sum += rows[i];
                }
                mean[a] = sum / m;
            }
            AddProduct(mean, default, means.Slice(at, _terms));
            for (var i = 0; i < rows.Length && m > 1; i += width)
            {
                AddProduct(rows.Slice(i, width), mean, deviations.Slice(at, _terms));
            }
        }
    }

    /// <summary>Adds (a − c)(a − c)′, c a centre.</summary>
    private static void AddProduct(ReadOnlySpan<double> a, ReadOnlySpan<double> centre, Span<double> lower)
    {
        for (int r = 0, t = 0; r < a.Length; r++)
        {
            var x = centre.IsEmpty ? a[r] : a[r] - centre[r];
            for (var c = 0; c <= r; c++, t++)
            {
                lower[t] += x * (centre.IsEmpty ? a[c] : a[c] - centre[c]);
            }
        }
    }

    private void AddLower(ReadOnlySpan<Vector256<double>> packed, double[] matrix)
    {
        var terms = MemoryMarshal.Cast<Vector256<double>, double>(packed);
        var width = _data.Width;
        for (int r = 0, t = 0; r < width; r++)
        {
            for (var c = 0; c <= r; c++, t++)
            {
                matrix[r * width + c] += terms[t];
            }
        }
    }

    private NestedSample ToSampleOfMean(int sample)
    {
        var (from, m) = (_data.Starts[sample], _data.Starts[sample + 1] - _data.Starts[sample]);
        var residuals = new double[m];
        for (var i = 0; i < m; i++)
        {
            residuals[i] = _data.Rows[(from + i) * _data.Width + 1];
        }
        return new(residuals, _data.V.AsSpan(from, m), _rho);
    }

    /// <summary>Samples with the same number of effects, all of the same sampling variance.</summary>
    [StructLayout(LayoutKind.Auto)]
    private readonly record struct SampleGroup(double Variance, int Effects, int Samples);
}
