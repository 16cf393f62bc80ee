using System.Runtime.InteropServices;

namespace RealRelationship.Statistics;

/// <summary>Moments for the estimators of τ² at one value of it. W = diag(1/(vᵢ + τ²)) and P = W − WX(X′WX)⁻¹X′W.</summary>
/// <param name="TauSquared">The value.</param>
/// <param name="SumW">tr W.</param>
/// <param name="SumW2">tr WW.</param>
/// <param name="Q">y′Py, the weighted residual sum of squares.</param>
/// <param name="YPPY">y′PPy = −dQ/dτ².</param>
/// <param name="YPPPY">y′PPPy = −½ d(y′PPy)/dτ².</param>
/// <param name="TraceP">tr P.</param>
/// <param name="TracePP">tr PP = −d(tr P)/dτ².</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Moments(
    double TauSquared, double SumW, double SumW2, double Q, double YPPY, double YPPPY, double TraceP, double TracePP);
